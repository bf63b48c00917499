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
        case .depart(let code, let reply): reply(depart(code, on: loop))
        case .confirm(let code, let newHome, let mayChange, let reply):
            reply(confirm(code, at: newHome, mayChange: mayChange, on: loop))
        case .stay(let code): stay(code, on: loop)
        case .makeWay(let bytes): makeWay(forBytes: bytes, on: loop)
        }
    }

    /// Its reply answers nil when it is let go.
    func dropped(_ command: RoomCommand) {}

    private func depart(_ code: RoomCode, on loop: Loop) -> RoomRecord? {
        guard let room = rooms[code], !loop.isStopping else { return nil }
        room.isDeparting = true
        guard deliverWhatWasSent(in: room, on: loop) else { return nil }
        for seat in room.state.seats { loop.pauseReading(seat.member.connection) }
        return record(of: room, on: loop)
    }

    private func confirm(_ code: RoomCode, at newHome: InstanceID, mayChange: Bool, on loop: Loop) -> Departure {
        guard let room = rooms[code], room.isDeparting else { return closedOnJourney.contains(code) ? .gone : .ended }
        guard deliverWhatWasSent(in: room, on: loop) else { return .ended }
        if mayChange, room.changes != room.recordedChanges { return .changed(record(of: room, on: loop)) }
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
            origin: room.originLabel, keepingPlacesFor: shared.configuration.emptyGrace, now: loop.now)
    }

    /// Delivers what the room's members have sent until now.
    ///
    /// - Returns: false if the room has ended by it.
    private func deliverWhatWasSent(in room: LiveRoom, on loop: Loop) -> Bool {
        for seat in room.state.seats {
            // What remains after so many rounds belongs to somebody who sends faster than anybody could be sent to.
            var rounds = 4
            while rounds > 0, rooms[room.state.code] === room, !loop.drainInput(of: seat.member.connection) {
                rounds -= 1
            }
        }
        return rooms[room.state.code] === room
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
