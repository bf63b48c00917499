internal import RelayCore
internal import RelayWire

extension RelayLoop {
    /// Opens a room, on the loop that has fewest; its creator goes there.
    func create(
        _ message: MessageDetails, in bytes: Span<UInt8>, for connection: RelayConnection, on loop: Loop
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
        let client = identity(for: request.clientID)
        let instance = shared.configuration.identity.instance
        let url = try request.url.map { (url) throws(RelayError) in try url.filled(room: code, instance: instance) }
        let state = Room(
            code: code, maxClients: request.maxClients, url: url, urlTemplate: request.url?.templateOfMachine,
            holdSeconds: request.holdSeconds ?? shared.configuration.holdSeconds, host: client.id,
            member: SeatedConnection(connection), hash: drawHash())
        let room = LiveRoom(state, at: place, origin: session.origin, creator: session.caller)
        try admit(room, of: session.caller, on: loop)
        if request.isClamped { limitExceeded(.clientsPerRoom, on: loop) }

        rooms[code] = room
        shared.typedCodes.roomBegan(code)
        recount(room, on: loop)
        shared.origins.roomCreated(room.origin.id)
        counters.clients.add(1)
        seat(connection, in: room, at: .host, on: loop)
        detailCreated(room, by: connection, on: loop)
        let terms = session.asksForMore ? terms(of: room, drawnID: client.drawn) : nil
        send(to: connection, on: loop) { bytes in
            ServerMessage.appendCreated(to: &bytes, room: code, machine: machineLabels, url: url, terms: terms)
        }
    }

    /// Throws if there may be no further room, or no memory is left for this one.
    private func admit(_ room: LiveRoom, of creator: Caller, on loop: Loop) throws(RelayError) {
        try checkMemory(for: room.heldBytes, on: loop)
        try admitRoom(of: creator, on: loop)
    }

    /// Lets a member go for good.
    func leave(_ connection: RelayConnection, on loop: Loop) throws(RelayError) {
        guard connection.relaySession.room != nil else { throw .notInRoom }
        leave(connection.relaySession, .left, on: loop)
        loop.close(connection, .normal, reason: "left")
    }

    /// Takes a member out of its room: the slot stays reserved for its client, the seat is free.
    ///
    /// - Parameters:
    ///   - mayReturn: true unless it has said goodbye. A close with 1001 is none: a page that is reloaded sends it.
    ///   - untold: a slot that is not told.
    func leave(
        _ session: RelaySession, _ reason: PeerLeftReason, mayReturn: Bool = false, untold: Slot? = nil, on loop: Loop
    ) {
        guard let room = session.room else { return }
        session.room = nil
        let farewell = mayReturn ? Farewell.lost : .goodbye
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
            shared.origins.clientLeft(room.origin.id)
            recount(room, on: loop)
            let isHeld = mayReturn && room.state.holdSeconds > 0
            tell(room, but: untold, on: loop) { bytes, asksForMore in
                ServerMessage.appendPeerLeft(
                    to: &bytes, slot: slot, reason: asksForMore ? reason : nil, isHeld: isHeld)
            }
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
        // One that was handed over is still sent on.
        if newHomes[room.state.code] == nil { shared.typedCodes.roomEnded(room.state.code) }
        uncount(room, on: loop)
        detailEnded(room, members: members, on: loop)
        if room.dormantEnd == nil {
            counters.clients.add(-members)
            shared.origins.roomEnded(room.origin.id, members: members)
        } else {
            countDormant(-1)
        }
        shared.admission.roomEnded(of: room.creator)
    }
}
