internal import RelayCore
internal import RelayWire

/// Rooms that leave for another machine, or for a file.
///
/// Two steps: a room that departs stands still, and its record travels; once the other machine has it, its members
/// follow. Between the two nothing is read of them, and what they send meanwhile is delivered before they go.
extension RelayLoop {
    func perform(_ command: RoomCommand, on loop: Loop) {
        switch command {
        case .list(let reply): reply(Array(rooms.keys))
        case .hasMembersElsewhere(let reply): reply(hasMembersElsewhere)
        case .depart(let code, let reply): reply(depart(code, on: loop))
        case .confirm(let code, let newHome, let mayChange, let reply):
            reply(confirm(code, at: newHome, mayChange: mayChange, on: loop))
        case .stay(let code): stay(code, on: loop)
        case .makeWay(let bytes): makeWay(forBytes: bytes, on: loop)
        }
    }

    /// Whoever waits for the command is answered with nil, since its reply is dropped with it.
    func dropped(_ command: RoomCommand) {}

    private func depart(_ code: RoomCode, on loop: Loop) -> RoomRecord? {
        guard let room = rooms[code], !loop.isStopping else { return nil }
        room.isDeparting = true
        // What remains is delivered while the room travels.
        if deliverWhatWasSent(in: room, on: loop) == .ended { return nil }
        for seat in room.state.seats { loop.pauseReading(seat.member.connection) }
        return record(of: room, on: loop)
    }

    private func confirm(_ code: RoomCode, at newHome: InstanceID, mayChange: Bool, on loop: Loop) -> Departure {
        guard let room = rooms[code], room.isDeparting else { return closedOnJourney.contains(code) ? .gone : .ended }
        let delivery = deliverWhatWasSent(in: room, on: loop)
        if delivery == .ended { return .ended }
        // Who has sent a close frame leaves when this step is over.
        let isComplete = delivery == .complete && !room.state.seats.contains { $0.member.connection.reading == .ending }
        if mayChange, !isComplete || room.changes != room.recordedChanges {
            return .changed(record(of: room, on: loop))
        }
        newHomes[code] = newHome
        sendAway(room, on: loop)
        return .gone
    }

    private func stay(_ code: RoomCode, on loop: Loop) {
        guard let room = rooms[code], room.isDeparting else { return }
        room.isDeparting = false
        for seat in room.state.seats { loop.resumeReading(seat.member.connection) }
    }

    private func record(of room: LiveRoom, on loop: Loop) -> RoomRecord {
        room.recordedChanges = room.changes
        return room.state.record(
            origin: room.origin.label, keepingPlacesFor: shared.configuration.emptyGrace, now: loop.now)
    }

    /// What has come of delivering what members have sent.
    private enum Delivery {
        case complete
        /// Somebody has sent more than was handled.
        case partial
        /// The room has ended by it.
        case ended
    }

    /// Rounds beyond the first of each member, so that one step of a large room has an end.
    private static var furtherRounds: Int { 32 }

    /// Delivers what the room's members have sent until now.
    private func deliverWhatWasSent(in room: LiveRoom, on loop: Loop) -> Delivery {
        var rounds = RelayLoop.furtherRounds
        var delivery = Delivery.complete
        for seat in room.state.seats {
            var isDrained = loop.drainInput(of: seat.member.connection)
            while !isDrained, rounds > 0, rooms[room.state.code] === room {
                rounds -= 1
                isDrained = loop.drainInput(of: seat.member.connection)
            }
            guard rooms[room.state.code] === room else { return .ended }
            if !isDrained { delivery = .partial }
        }
        return delivery
    }

    private func sendAway(_ room: LiveRoom, on loop: Loop) {
        _ = end(room, on: loop) { sendAway($0, on: loop) }
    }

    /// Tells a client that its room goes on elsewhere, and closes its connection.
    func sendAway(_ connection: RelayConnection, on loop: Loop) {
        if connection.relaySession.asksForMore {
            send(to: connection, on: loop) { ServerMessage.appendMoved(to: &$0) }
        }
        loop.close(connection, .serviceRestart, reason: "moved")
    }

    /// True for a room that was handed over. Whoever is above its limit is not told.
    func hasLeft(_ code: RoomCode, for session: RelaySession, on loop: Loop) throws(RelayError) -> Bool {
        guard newHomes[code] != nil else { return false }
        guard shared.admission.waitForMisses(of: session.caller, now: loop.now) == 0 else {
            limitExceeded(.missesPerMinute, on: loop)
            throw .tooManyAttempts
        }
        return true
    }

    /// True for a room that may be elsewhere: a no would end its game, and its client comes back by its code.
    func isUndecided(_ code: RoomCode, for session: RelaySession) -> Bool {
        guard session.isUndecided(about: code) else { return false }
        counters.unknownAnswers.add(1)
        return true
    }

    /// The answer to a request for a room that was handed over; nil for any other room.
    ///
    /// Siblings hear that this machine cannot tell: the new home says yes to them.
    func sendToNewHome(_ request: Request, on loop: Loop) -> Outcome? {
        guard let code = request.endpoint.homeOfRoom, let newHome = newHomes[code], rooms[code] == nil
        else { return nil }
        // The new home may have been asked a moment too early: a no of both would be a false one.
        if request.isProbe { return answerUnknown() }
        guard shared.admission.waitForMisses(of: request.caller, now: loop.now) == 0 else {
            return refuseSearch(for: code, request: request, on: loop)
        }
        if request.mayBeSentToNewHome { return replay(.newHome(newHome), .newHome) }
        return request.asksForRoom ? answerUnknown() : nil
    }
}
