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
            guard evictDormantRoom(on: loop) else { return false }
        }
        return true
    }

    /// Brings the count of a room's memory up to date; called whenever the room may have grown.
    func recount(_ room: LiveRoom, on loop: Loop) {
        let held = room.heldBytes
        guard held != room.countedBytes else { return }
        loop.countHandlerBytes(held - room.countedBytes)
        room.countedBytes = held
    }

    /// Takes a room that has ended out of the count.
    func uncount(_ room: LiveRoom, on loop: Loop) {
        loop.countHandlerBytes(-room.countedBytes)
        room.countedBytes = 0
        assert(!rooms.isEmpty || loop.handlerBytes == 0, "what the rooms held is counted to the byte")
    }
}
