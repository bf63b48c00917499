internal import RelayCore
internal import RelayWire

extension RelayLoop {
    /// Opens a room, on the loop that has fewest; its creator goes there.
    func create(
        _ message: ClientMessage, in bytes: Span<UInt8>, for connection: RelayConnection, on loop: Loop
    ) throws(RelayError) -> MessageOutcome<Payload> {
        if shared.admission.isDraining { throw .serverDraining }
        if connection.relaySession.room != nil { throw .alreadyInRoom }
        let request = try message.createRequest(in: bytes, limits: shared.configuration.messageLimits)
        let place = shared.placeForRoom(from: loop.index, isMemoryShort: isMemoryShort(on: loop))
        if place.loop != loop.index {
            // The other loop may have ended already, or be about to.
            if loop.isStopping { throw .serverDraining }
            return .move(toLoop: place.loop, payload: .create(request, place))
        }
        try open(request, at: place, for: connection, on: loop)
        return .stay
    }

    /// Opens a room on this loop, with its creator in it.
    func open(
        _ request: CreateRequest, at place: RoomPlace, for connection: RelayConnection, on loop: Loop
    ) throws(RelayError) {
        let session = connection.relaySession
        let code = drawCode(on: loop)
        let instance = shared.configuration.identity.instance
        let url = try request.url.map { (url) throws(RelayError) in try url.filled(room: code, instance: instance) }
        let state = Room(
            code: code, maxClients: request.maxClients, url: url, urlTemplate: request.url?.templateOfMachine,
            holdSeconds: request.holdSeconds ?? shared.configuration.holdSeconds, host: request.clientID,
            member: SeatedConnection(connection), hash: drawHash())
        let room = LiveRoom(
            state, at: place, origin: session.origin, originLabel: session.originLabel, creator: session.caller)
        try admit(room, of: session.caller, on: loop)
        if request.isClamped { limitExceeded(.clientsPerRoom, on: loop) }

        rooms[code] = room
        recount(room, on: loop)
        shared.origins.roomCreated(room.origin)
        counters.clients.add(1)
        session.asksForMore = request.asksForMore
        seat(connection, in: room, at: .host, on: loop)
        detailCreated(room, by: connection, on: loop)
        send(to: connection, on: loop) { [shared] bytes in
            ServerMessage.appendCreated(
                to: &bytes, room: code, instance: instance, region: shared.configuration.regionLabel, url: url)
        }
    }

    /// Throws if there may be no further room, or no memory is left for this one.
    private func admit(_ room: LiveRoom, of creator: Caller, on loop: Loop) throws(RelayError) {
        try checkMemory(for: room.heldBytes, on: loop)
        try admitRoom(of: creator, on: loop)
    }

    func join(
        _ message: ClientMessage, in bytes: Span<UInt8>, with connection: RelayConnection, on loop: Loop
    ) throws(RelayError) -> MessageOutcome<Payload> {
        // The room may be the next to be closed.
        if loop.isStopping { throw .serverDraining }
        if connection.relaySession.room != nil { throw .alreadyInRoom }
        let request = try message.joinRequest(in: bytes, limits: shared.configuration.messageLimits)
        if let code = request.room, shared.owner(of: code) != loop.index {
            return .move(toLoop: shared.owner(of: code), payload: .join(request))
        }
        try enter(request, with: connection, on: loop)
        return .stay
    }

    /// Gives a client its slot, in a room that belongs to this loop.
    func enter(_ request: JoinRequest, with connection: RelayConnection, on loop: Loop) throws(RelayError) {
        connection.relaySession.asksForMore = request.asksForMore
        // It comes back where the room will be then: here, or on another machine.
        if let code = request.room, rooms[code] == nil,
            try hasLeft(code, for: connection.relaySession, on: loop)
                || isUndecided(code, for: connection.relaySession)
        {
            return sendAway(connection, on: loop)
        }
        let room = try room(of: request, for: connection.relaySession, on: loop)
        if room.isDeparting { return sendAway(connection, on: loop) }
        let slot: Slot
        let kind: JoinKind
        let wasDormant = room.state.isDormant
        let action = try seat(request.clientID, of: connection, in: room, on: loop)
        if wasDormant { wakeUp(room) }
        switch action {
        case .entered(let new):
            (slot, kind) = (new, .new)
            announce(slot, in: room, on: loop)
        case .reclaimed(let own):
            (slot, kind) = (own, .reclaimed)
            announce(slot, in: room, on: loop)
        case .replaced(let kept, let old):
            (slot, kind) = (kept, .replaced)
            old.connection.relaySession.room = nil
            loop.close(old.connection, .replaced, reason: "replaced")
        }
        counters.joins.add(1, for: kind)
        seat(connection, in: room, at: slot, on: loop)
        detailJoined(room, as: kind, with: connection, on: loop)
        send(to: connection, on: loop) { bytes in
            ServerMessage.appendJoined(
                to: &bytes, room: room.state.code, slot: slot, peers: room.state.peers(of: slot), url: room.state.url)
        }
        if let snapshot = room.state.snapshot {
            send(to: connection, on: loop) { ServerMessage.appendState(to: &$0, data: snapshot.span) }
        }
    }

    /// Has the room decide, and counts what it has taken or refused.
    private func seat(
        _ clientID: ClientID, of connection: RelayConnection, in room: LiveRoom, on loop: Loop
    ) throws(RelayError) -> JoinAction<SeatedConnection> {
        // A dormant room takes no newcomer, and must not make way for the one who wakes it up.
        let mayGrow = room.state.isDormant || mayHold(1, on: loop)
        do throws(JoinRefusal) {
            let action = try room.state.join(
                clientID, as: SeatedConnection(connection), mayGrow: mayGrow, now: loop.now)
            recount(room, on: loop)
            return action
        } catch {
            if let limit = Limit(error) { limitExceeded(limit, on: loop) }
            throw error.error
        }
    }

    /// Counts a client that has joined, and tells the other members.
    private func announce(_ slot: Slot, in room: LiveRoom, on loop: Loop) {
        counters.clients.add(1)
        shared.origins.clientJoined(room.origin)
        send(toAllIn: room, but: slot, on: loop) { ServerMessage.appendPeerJoined(to: &$0, slot: slot) }
    }

    private func seat(_ connection: RelayConnection, in room: LiveRoom, at slot: Slot, on loop: Loop) {
        let session = connection.relaySession
        session.room = room
        session.slot = slot
        // An idle member of a room is never touched.
        loop.setDeadline(connection, seconds: nil)
    }

    /// Lets a member go for good.
    func leave(_ connection: RelayConnection, on loop: Loop) throws(RelayError) {
        guard connection.relaySession.room != nil else { throw .notInRoom }
        leave(connection.relaySession, .goodbye, on: loop)
        loop.close(connection, .normal, reason: "left")
    }

    /// Takes a member out of its room: the slot stays reserved for its client, the seat is free.
    func leave(_ session: RelaySession, _ farewell: Farewell, on loop: Loop) {
        guard let room = session.room else { return }
        session.room = nil
        let slot = session.slot
        detailLeft(room, slot, on: loop)
        let hostAbsence: Int?
        switch room.state.leave(slot, farewell, now: loop.now) {
        case .ended:
            return end(room, members: 1, on: loop)
        case .emptied(let absence):
            guard shared.configuration.emptyGrace > 0 else { return end(room, members: 1, on: loop) }
            counters.clients.add(-1)
            fallDormant(room, on: loop)
            hostAbsence = absence
        case .left(let absence):
            // Its place travels no more.
            if farewell == .goodbye { room.changes += 1 }
            counters.clients.add(-1)
            shared.origins.clientLeft(room.origin)
            recount(room, on: loop)
            send(toAllIn: room, but: nil, on: loop) { ServerMessage.appendPeerLeft(to: &$0, slot: slot) }
            hostAbsence = absence
        }
        if let hostAbsence { startGrace(of: room, absence: hostAbsence, on: loop) }
    }

    func closeRoom(of session: RelaySession, on loop: Loop) throws(RelayError) {
        guard let room = session.room else { throw .notInRoom }
        try room.state.checkMayClose(session.slot)
        close(room, on: loop)
    }

    /// Ends a room that has members. Its code is unknown from here on.
    func close(_ room: LiveRoom, on loop: Loop) {
        _ = end(room, on: loop) { loop.close($0, .roomClosed, reason: "room closed") }
    }

    func closeForShutdown(_ connection: RelayConnection, on loop: Loop) -> Int {
        guard connection.session != nil, let room = connection.relaySession.room else {
            loop.closeForShutdown(connection)
            return 1
        }
        // It goes on: where it is on its way to, or after the restart.
        if room.isDeparting { closedOnJourney.insert(room.state.code) }
        return end(room, on: loop) { room.isDeparting ? sendAway($0, on: loop) : loop.closeForShutdown($0) }
    }

    /// - Returns: the number of its members.
    func end(_ room: LiveRoom, on loop: Loop, closing close: (RelayConnection) -> Void) -> Int {
        let seats = room.state.seats
        for seat in seats {
            seat.member.connection.relaySession.room = nil
            close(seat.member.connection)
        }
        end(room, members: seats.count, on: loop)
        return seats.count
    }

    func end(_ room: LiveRoom, members: Int, on loop: Loop) {
        rooms[room.state.code] = nil
        uncount(room, on: loop)
        detailEnded(room, members: members, on: loop)
        if room.dormantEnd == nil {
            counters.clients.add(-members)
            shared.origins.roomEnded(room.origin, members: members)
        } else {
            countDormant(-1)
        }
        shared.admission.roomEnded(of: room.creator)
    }
}
