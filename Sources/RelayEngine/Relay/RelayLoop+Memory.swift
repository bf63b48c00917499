internal import RelayCore

/// The memory of the rooms themselves, as opposed to what is on its way to their members.
extension RelayLoop {
    /// Throws `.serverFull`, and counts the limit, if the rooms may not take so many bytes more, even without dormant
    /// ones.
    func checkMemory(for bytes: Int, on loop: Loop) throws(RelayError) {
        guard bytes > 0, !mayHold(bytes, on: loop) else { return }
        limitExceeded(.roomBytes, on: loop)
        throw .serverFull
    }

    /// True if the rooms may take so many bytes more; for that, dormant ones make way.
    func mayHold(_ bytes: Int, on loop: Loop) -> Bool {
        while !loop.handlersMayHold(bytes) {
            guard evictDormantRoom(on: loop) else {
                askToMakeWay(forBytes: max(bytes, reserve), on: loop)
                return false
            }
        }
        return true
    }

    /// True if the rooms have come close to the most that they may hold.
    func isMemoryShort(on loop: Loop) -> Bool { !loop.handlersMayHold(reserve) }

    /// Ends dormant rooms of this loop, until all loops together may hold so many bytes more.
    func makeWay(forBytes bytes: Int, on loop: Loop) {
        while !loop.handlersMayHold(bytes), evictDormantRoom(on: loop) {}
    }

    /// Asks another loop that has dormant rooms to end some of them. That happens a moment later.
    private func askToMakeWay(forBytes bytes: Int, on loop: Loop) {
        guard let other = shared.loopOfDormantRooms(from: loop.index), other != loop.index else { return }
        _ = loop.group.post(.makeWay(forBytes: bytes), toLoop: other)
    }

    /// What is kept free for rooms that grow, as long as any loop has dormant ones.
    private var reserve: Int { shared.configuration.transport.maxBufferedBytes / 64 }

    /// Brings the count of a room's memory up to date; called whenever the room may have grown.
    func recount(_ room: LiveRoom, on loop: Loop) {
        let held = room.heldBytes
        guard held != room.countedBytes else { return }
        let growth = held - room.countedBytes
        loop.countHandlerBytes(growth)
        room.countedBytes = held
        if growth > 0, isMemoryShort(on: loop) { askToMakeWay(forBytes: reserve, on: loop) }
    }

    /// Takes a room that has ended out of the count.
    func uncount(_ room: LiveRoom, on loop: Loop) {
        loop.countHandlerBytes(-room.countedBytes)
        room.countedBytes = 0
        assert(!rooms.isEmpty || loop.handlerBytes == 0, "what the rooms held is counted to the byte")
    }
}
