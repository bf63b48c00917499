extension RoomMachine {
    /// A connection that lived for less counts as one more failed attempt, lest a room that throws its members out
    /// at once be asked without a pause, and for ever.
    private static let settled = Duration.seconds(5)

    /// An attempt has failed, or a member's connection has ended, and nothing of it is left.
    mutating func fail(_ error: PartyError, at now: Duration) {
        let isLoss = state == .inRoom
        if isLoss { lose(error, at: now) }
        guard let least = wait(after: error) else { return end(error) }
        // An attempt for which too little time was left says less than one that has failed.
        let why = error.code == .timeout ? lastFailure ?? error : error
        lastFailure = why
        let named = error.retryAfter.map { $0 * (1 + random() / 4) } ?? .zero
        let wait = max(least, named, backoff.next(jitter: random()))
        guard now + wait < giveUpAt else {
            return end(view == nil ? why : PartyError(.gaveUp, "No way back in time: \(why.message)"))
        }
        if isLoss { actions.append(.emit(.disconnected(error))) }
        if wait == .zero { connect(at: now) } else { state = .waiting(until: now + wait) }
    }

    /// The shortest wait before the next attempt; nil if there is none.
    private mutating func wait(after error: PartyError) -> Duration? {
        let verdict = error.code.verdict
        switch (error.code, verdict.course) {
        case (_, .confirm) where wasPinned:
            // Said by another machine, perhaps, if the pinned one is gone.
            return .zero
        case (_, .confirm):
            timesNotFound += 1
            return timesNotFound > 1 || (view == nil && !mayHaveSeat) ? nil : verdict.wait
        case (_, .end): return nil
        case (_, .retry):
            if view == nil, !verdict.isForNewcomers { return nil }
            return max(verdict.wait, CloseCode(number: error.closeCode).wait)
        }
    }

    /// A member's connection has ended.
    private mutating func lose(_ error: PartyError, at now: Duration) {
        if !wasLost || now - enteredAt >= Self.settled {
            backoff.reset()
            giveUpAt = now + options.budget
        }
        wasLost = true
        lostAt = now
        pin = hasMoved || CloseCode(number: error.closeCode).hasMoved ? nil : view?.instance
        view?.connection = .reconnecting
        refuseTickets(PartyError(.unreachable, "No ticket: \(error.message)")) { _ in true }
    }

    mutating func refuseTickets(_ error: PartyError, where isOver: (TicketRequest) -> Bool) {
        for request in tickets where isOver(request) { actions.append(.answer(request.number, .failure(error))) }
        tickets.removeAll(where: isOver)
    }

    /// Stays away until `comeBack`.
    mutating func pause(at now: Duration) {
        if state == .inRoom {
            let error = PartyError(.suspended, "Suspended")
            lose(error, at: now)
            actions.append(.emit(.disconnected(error)))
        }
        state = .suspended
    }

    /// Comes back at once, with a new budget. A newcomer has its deadline.
    mutating func comeBack(at now: Duration) {
        if view != nil {
            giveUpAt = now + options.budget
            backoff.reset()
        }
        _ = backoff.next(jitter: 0)
        connect(at: now)
    }

    mutating func end(_ error: PartyError) {
        if case .ended = state { return }
        refuseTickets(error) { _ in true }
        view?.connection = .closed
        state = .ended(error)
        actions.append(.finish(error))
    }

    /// The room is about to go on elsewhere.
    mutating func moved() {
        hasMoved = true
        actions.append(.emit(.moved))
    }
}
