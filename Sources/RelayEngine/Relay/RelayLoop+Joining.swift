internal import RelayCore
internal import RelayWire

extension RelayLoop {
    func join(
        _ message: MessageDetails, in bytes: Span<UInt8>, with connection: RelayConnection, on loop: Loop
    ) throws(RelayError) -> MessageOutcome<Payload> {
        // The room may be the next to be closed.
        if loop.isStopping { throw .serverDraining }
        if connection.relaySession.room != nil { throw .alreadyInRoom }
        var request = try message.joinRequest(in: bytes, limits: shared.configuration.messageLimits)
        request.room = shared.typedCodes.meant(request.room, inCapitals: request.roomInCapitals)
        if let code = request.room, shared.owner(of: code) != loop.index {
            return .move(toLoop: shared.owner(of: code), payload: .join(request))
        }
        try enter(request, with: connection, on: loop)
        return .stay
    }

    /// Gives a client its slot, in a room that belongs to this loop.
    func enter(_ request: JoinRequest, with connection: RelayConnection, on loop: Loop) throws(RelayError) {
        // It comes back where the room will be then: here, or on another machine.
        if let code = request.room, rooms[code] == nil,
            try hasLeft(code, for: connection.relaySession, on: loop)
                || isUndecided(code, for: connection.relaySession)
        {
            return sendAway(connection, on: loop)
        }
        let client = identity(for: request.clientID)
        let room = try room(of: request, by: client.id, for: connection.relaySession, on: loop)
        if room.isDeparting { return sendAway(connection, on: loop) }
        let wasDormant = room.state.isDormant
        let ticket = ticket(of: request, for: connection, in: room, on: loop)
        // Without one it stays where it is.
        let former = ticket == nil ? nil : room.state.slot(of: client.id)
        let action = try seat(client.id, with: ticket, of: connection, in: room, on: loop)
        if wasDormant { wakeUp(room) }
        let (slot, kind) = announce(action, in: room, on: loop)
        counters.joins.add(1, for: kind)
        seat(connection, in: room, at: slot, on: loop)
        detailJoined(room, as: kind, with: connection, on: loop)
        if let former, former != slot { vacate(former, for: slot, in: room, on: loop) }
        sendJoined(to: connection, drawnID: client.drawn, in: room, on: loop)
    }

    /// The ticket that a client shows. To who does not ask for more the field means nothing, unless the ticket is good.
    private func ticket(
        of request: JoinRequest, for connection: RelayConnection, in room: LiveRoom, on loop: Loop
    ) -> Ticket? {
        guard let ticket = request.ticket else { return nil }
        let isKnown = connection.relaySession.asksForMore || room.state.slot(for: ticket, now: loop.now) != nil
        return isKnown ? ticket : nil
    }

    /// Has the room decide, and counts what it has taken or refused.
    private func seat(
        _ clientID: ClientID, with ticket: Ticket?, of connection: RelayConnection, in room: LiveRoom, on loop: Loop
    ) throws(RelayError) -> JoinAction<SeatedConnection> {
        // A dormant room takes no newcomer, and must not make way for the one who wakes it up.
        let mayGrow = room.state.isDormant || mayHold(1, on: loop)
        do throws(JoinRefusal) {
            let action = try room.state.join(
                clientID, with: ticket, as: SeatedConnection(connection), mayGrow: mayGrow, now: loop.now)
            recount(room, on: loop)
            return action
        } catch {
            if let limit = Limit(error) { limitExceeded(limit, on: loop) }
            throw error.error
        }
    }

    /// Tells the others of a client that has joined, and counts it.
    private func announce(
        _ action: JoinAction<SeatedConnection>, in room: LiveRoom, on loop: Loop
    ) -> (Slot, JoinKind) {
        switch action {
        case .entered(let slot):
            countArrival(in: room)
            send(toAllIn: room, but: slot, on: loop) { ServerMessage.appendPeerJoined(to: &$0, slot: slot) }
            return (slot, .new)
        case .reclaimed(let slot):
            countArrival(in: room)
            tell(room, but: slot, on: loop) { ServerMessage.appendPeerJoined(to: &$0, slot: slot, isBack: $1) }
            return (slot, .reclaimed)
        case .replaced(let slot, let old):
            old.connection.relaySession.room = nil
            loop.close(old.connection, .replaced, reason: "replaced")
            send(toThoseWhoAskedIn: room, but: slot, on: loop) {
                ServerMessage.appendPeerReplaced(to: &$0, slot: slot)
            }
            return (slot, .replaced)
        }
    }

    private func countArrival(in room: LiveRoom) {
        counters.clients.add(1)
        shared.origins.clientJoined(room.origin.id)
    }

    private func sendJoined(
        to connection: RelayConnection, drawnID: ClientID?, in room: LiveRoom, on loop: Loop
    ) {
        let session = connection.relaySession
        let more =
            session.asksForMore
            ? JoinedDetails(
                machine: machineLabels, terms: terms(of: room, drawnID: drawnID),
                away: room.state.awaySlots(now: loop.now))
            : nil
        send(to: connection, on: loop) { bytes in
            ServerMessage.appendJoined(
                to: &bytes, room: room.state.code, slot: session.slot, peers: room.state.peers(of: session.slot),
                url: room.state.url, more: more)
        }
        if let snapshot = room.state.snapshot {
            sendState(snapshot.span, to: connection, on: loop)
        }
    }

    /// Frees the slot of a client that has got another one by its ticket, and finds it free in its `joined`.
    private func vacate(_ slot: Slot, for new: Slot, in room: LiveRoom, on loop: Loop) {
        guard let member = try? room.state.seat(of: slot) else { return }
        let connection = member.connection
        leave(connection.relaySession, .left, untold: new, on: loop)
        loop.close(connection, .replaced, reason: "replaced")
    }

    func seat(_ connection: RelayConnection, in room: LiveRoom, at slot: Slot, on loop: Loop) {
        let session = connection.relaySession
        session.room = room
        session.slot = slot
        // An idle member of a room is never touched.
        loop.setDeadline(connection, seconds: nil)
    }

    // MARK: What its client is told of a room

    var machineLabels: MachineLabels {
        MachineLabels(
            instance: shared.configuration.identity.instance, region: shared.configuration.regionLabel)
    }

    /// - Parameter drawnID: the client's id, if it is the relay that has drawn it.
    func terms(of room: LiveRoom, drawnID: ClientID?) -> RoomTerms {
        RoomTerms(
            maxClients: room.state.maxClients, holdSeconds: room.state.holdSeconds, drawnID: drawnID)
    }
}
