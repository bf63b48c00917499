internal import RelayCore
internal import RelayWire

/// The limits of one client, its address and its slot.
extension RelayLoop {
    // MARK: Guessing

    /// The room that a client asks to join.
    ///
    /// Whoever is above its limit learns nothing from the answer, whatever the code, unless it has a slot in the room.
    func room(
        of request: JoinRequest, by client: ClientID, for session: RelaySession, on loop: Loop
    ) throws(RelayError) -> LiveRoom {
        var room = request.room.flatMap { rooms[$0] }
        let own = room?.state.slot(of: client)
        // It is there for its own alone.
        if let found = room, found.state.isDormant, own == nil { room = nil }
        let isInvited = request.ticket.map { room?.state.slot(for: $0, now: loop.now) != nil } ?? false
        let mayKnow =
            own != nil || isInvited
            || mayLearn(of: room, session.takeSearch(for: request.room), session.caller, on: loop)
        guard mayKnow else {
            limitExceeded(.missesPerMinute, on: loop)
            throw .tooManyAttempts
        }
        guard let room else { throw .roomNotFound }
        if let own { try checkTakeover(of: own, in: room, on: loop) }
        return room
    }

    /// True if the caller may be told whether there is a room. If there is none, this pays for the miss.
    ///
    /// - Parameter search: what the search for it has come to before.
    func mayLearn(of room: LiveRoom?, _ search: PathSearch?, _ caller: Caller, on loop: Loop) -> Bool {
        switch search {
        case .paid: true
        case .refused where room == nil: false
        case .refused, .undecided, nil:
            if room == nil {
                shared.admission.payMiss(of: caller, now: loop.now)
            } else {
                shared.admission.waitForMisses(of: caller, now: loop.now) == 0
            }
        }
    }

    /// The answer to a plain request for a room by a caller above its limit.
    func tooManyAttempts(by caller: Caller, on loop: Loop) -> HTTPResponse {
        limitExceeded(.missesPerMinute, on: loop)
        return shared.service.tooManyAttempts(retryAfter: max(secondsUntilNextMiss(of: caller, on: loop), 1))
    }

    /// Seconds after which it makes sense for a client to try again; nil where that makes none.
    func retryAfterSeconds(of error: RelayError, for caller: Caller, on loop: Loop) -> Int? {
        guard let seconds = error.retryAfterSeconds else { return nil }
        return error == .tooManyAttempts ? max(secondsUntilNextMiss(of: caller, on: loop), seconds) : seconds
    }

    private func secondsUntilNextMiss(of caller: Caller, on loop: Loop) -> Int {
        let second = MonotonicClock.nanosecondsPerSecond
        return Int((shared.admission.waitForMisses(of: caller, now: loop.now) + second - 1) / second)
    }

    // MARK: Taking over

    /// Throws if a connected slot has been taken over too often; it then keeps the connection that it has.
    private func checkTakeover(of slot: Slot, in room: LiveRoom, on loop: Loop) throws(RelayError) {
        guard room.state.isConnected(slot), !room.takeovers.take(slot, now: loop.now) else { return }
        limitExceeded(.takeovers, on: loop)
        throw .tooManyAttempts
    }

    // MARK: Connections and rooms

    /// Counts a WebSocket of this caller.
    ///
    /// - Returns: the limit that is reached, which the refusal of the handshake logs.
    func limitOfConnections(reachedBy caller: Caller) -> Limit? {
        do throws(Admission.Refusal) {
            try shared.admission.admitConnection(of: caller)
        } catch {
            guard case .limit(let limit) = error else { preconditionFailure("a drain refuses rooms alone") }
            counters.limitsExceeded.add(1, for: limit)
            return limit
        }
        return nil
    }

    func admitRoom(of creator: Caller, on loop: Loop) throws(RelayError) {
        do throws(Admission.Refusal) {
            try admitRoomOrEvict(of: creator, on: loop)
        } catch {
            switch error {
            case .draining: throw .serverDraining
            case .limit(let limit):
                limitExceeded(limit, on: loop)
                throw .serverFull
            }
        }
    }

    /// Counts a room; where there are too many, a dormant one makes way.
    private func admitRoomOrEvict(of creator: Caller, on loop: Loop) throws(Admission.Refusal) {
        do throws(Admission.Refusal) {
            try shared.admission.admitRoom(of: creator)
        } catch {
            guard case .limit(.rooms) = error, evictDormantRoom(on: loop) else { throw error }
            try shared.admission.admitRoom(of: creator)
        }
    }
}
