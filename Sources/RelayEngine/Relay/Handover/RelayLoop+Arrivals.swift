internal import RelayCore

/// Rooms that arrive from another machine, or from a file. They are dormant until one of their own comes.
extension RelayLoop {
    /// Takes a room of which this loop is the owner.
    func receive(_ record: RoomRecord, on loop: Loop) -> Arrival {
        guard !loop.isStopping, shared.configuration.emptyGrace > 0 else { return .draining }
        guard let url = filledURL(of: record) else { return .unreadable }
        if let former = rooms[record.code] {
            // A copy that came earlier: the sender could not know that it had arrived, and the room has gone on since.
            guard former.isUnvisited else { return .inUse }
            end(former, members: 0, on: loop)
        }
        do throws(Admission.Refusal) {
            try shared.admission.admitRoom()
        } catch {
            if case .draining = error { return .draining }
            return .full
        }
        let limit = shared.configuration.messageLimits.maxClientsPerRoom
        let state = Room<SeatedConnection>(
            record, url: url.text, maxClients: limit == 0 ? record.maxClients : min(record.maxClients, limit),
            now: loop.now)
        // Counted under its origin once it is woken up.
        let room = LiveRoom(
            state, at: shared.place(onLoop: loop.index), origin: Origin(id: .other, label: record.origin), creator: nil)
        guard loop.handlersMayHold(room.heldBytes) else {
            shared.admission.roomEnded()
            return .full
        }
        room.isUnvisited = true
        rooms[record.code] = room
        shared.typedCodes.roomBegan(record.code)
        newHomes[record.code] = nil
        recount(room, on: loop)
        keepDormant(room, on: loop)
        startGrace(of: room, absence: Room<SeatedConnection>.absenceOnArrival, on: loop)
        return .taken
    }

    /// Ends a room that has arrived and goes on elsewhere after all, unless somebody has come.
    func forget(_ code: RoomCode, on loop: Loop) -> Bool {
        guard let room = rooms[code], room.isUnvisited else { return false }
        end(room, members: 0, on: loop)
        return true
    }

    func started(on loop: Loop) {
        for record in arrivals where receive(record, on: loop) == .taken { counters.restored.add(1) }
        arrivals = []
    }

    /// Nil for an url that cannot be one.
    private func filledURL(of record: RoomRecord) -> FilledURL? {
        guard let template = record.url else { return FilledURL(text: nil) }
        let instance = shared.configuration.identity.instance
        let filled = try? ControllerURL(template).filled(room: record.code, instance: instance)
        return filled.map { FilledURL(text: $0) }
    }
}

/// A room's url on this machine; nil for a room that has none.
private struct FilledURL {
    let text: String?
}
