internal import RelayCore

/// Rooms without connections: kept for a while, for their own alone.
extension RelayLoop {
    /// The room, if it is there for everybody.
    func livingRoom(_ code: RoomCode) -> LiveRoom? {
        rooms[code].flatMap { $0.state.isDormant ? nil : $0 }
    }

    /// Keeps a room whose last connection has ended without goodbye.
    func fallDormant(_ room: LiveRoom, on loop: Loop) {
        shared.origins.roomEnded(room.origin.id, members: 1)
        keepDormant(room, on: loop)
        recount(room, on: loop)
        detailDormant(room, on: loop)
    }

    /// Counts a room as dormant, and sets its end.
    func keepDormant(_ room: LiveRoom, on loop: Loop) {
        let end = loop.moment(seconds: shared.configuration.emptyGrace)
        room.dormantEnd = end
        countDormant(1)
        dormantRooms.add(room.state.code, until: end)
        dormantRooms.tidyUp(dormant: counters.dormantRooms.current) { dormantRoom(of: $0) != nil }
        setDormancyTimer(on: loop)
    }

    /// One of its own has come back.
    func wakeUp(_ room: LiveRoom) {
        room.dormantEnd = nil
        room.isUnvisited = false
        countDormant(-1)
        room.origin = shared.origins.roomReturned(of: room.origin)
    }

    /// Ends a dormant room to make way for another one.
    ///
    /// - Returns: false if there is none.
    func evictDormantRoom(on loop: Loop) -> Bool {
        while let entry = dormantRooms.popFirst(dueBy: .max) {
            guard let room = dormantRoom(of: entry) else { continue }
            expire(room, .evicted, on: loop)
            return true
        }
        return false
    }

    func dormancyTimerFired(on loop: Loop) {
        dormancyTimer = nil
        while let entry = dormantRooms.popFirst(dueBy: loop.now) {
            if let room = dormantRoom(of: entry) { expire(room, room.isUnvisited ? .unvisited : .dormant, on: loop) }
        }
        setDormancyTimer(on: loop)
    }

    func countDormant(_ change: Int) {
        counters.dormantRooms.add(change)
        shared.admission.dormantRoomsChanged(by: change)
    }

    private func dormantRoom(of entry: DormantRooms.Entry) -> LiveRoom? {
        rooms[entry.code].flatMap { $0.dormantEnd == entry.end ? $0 : nil }
    }

    private func expire(_ room: LiveRoom, _ cause: Expiry, on loop: Loop) {
        counters.expired.add(1, for: cause)
        end(room, members: 0, on: loop)
    }

    private func setDormancyTimer(on loop: Loop) {
        guard dormancyTimer == nil, let end = dormantRooms.nextEnd else { return }
        dormancyTimer = end
        loop.set(.dormancy, at: end)
    }
}
