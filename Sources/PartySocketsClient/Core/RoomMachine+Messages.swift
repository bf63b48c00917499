extension RoomMachine {
    /// A text message of the relay.
    mutating func received(_ text: [UInt8], at now: Duration) -> [Action] {
        liveness.heard(at: now)
        let message = ServerMessage(text)
        switch (state, message) {
        case (.asking, .entered(let entrance)):
            entered(entrance, at: now)
        case (.asking, .error(let error)):
            actions.append(.hangUp(1000))
            fail(error, at: now)
        case (.inRoom, _):
            take(message, text, at: now)
        default:
            // Before the answer nothing is this member's, and after `leave` nothing matters.
            break
        }
        return takeActions()
    }

    /// A message to a member.
    private mutating func take(_ message: ServerMessage, _ text: [UInt8], at now: Duration) {
        switch message {
        case .message(let sender, let data): actions.append(.emit(.message(from: sender, data: data)))
        // After a return, a host's own state is at least as new as the relay's.
        case .state where ownState != nil: break
        case .state(let data):
            view?.state = data
            actions.append(.emit(.state(data)))
        case .peerJoined(let peer, let isBack):
            arrived(peer, isBack: isBack)
        case .peerLeft(let peer, let reason, let isHeld):
            let forGood = reason == "left" || reason == "kicked"
            view?.left(peer, forGood: forGood)
            actions.append(
                .emit(forGood ? .gone(peer, reason: reason ?? "") : .away(peer, reason: reason, isHeld: isHeld)))
        case .peerReplaced(let peer): actions.append(.emit(.replaced(peer)))
        case .moved: moved()
        case .pong(let number): measure(number, at: now)
        case .ticket(let index, let ticket): answerTicket(index, .success(ticket))
        case .error(let error): take(error)
        case .entered, .unreadable: actions.append(.emit(.unreadable(text)))
        }
    }

    private mutating func take(_ error: PartyError) {
        // Errors do not say what they answer. A ticket for a slot that somebody has had finds its target, so it is a
        // message that has not.
        let words = ["ticket", "index"]
        let refused =
            error.code == .targetNotFound
            ? tickets.first { !hasSeen($0.index) }
            : tickets.first { _ in words.contains(where: error.code.rawValue.contains) }
        if let request = refused {
            answerTicket(request.index, .failure(error))
        } else {
            actions.append(.emit(.error(error)))
        }
    }

    private mutating func answerTicket(_ index: Int, _ result: Result<String, PartyError>) {
        guard let position = tickets.firstIndex(where: { $0.index == index }) else { return }
        actions.append(.answer(tickets.remove(at: position).number, result))
    }

    // MARK: Life

    /// A connection that has lived for so long is a good one, and needs no more patience than any other.
    private static let calm = Duration.seconds(60)

    /// Any frame at all has arrived, or a part of one.
    mutating func heard(at now: Duration) {
        liveness.heard(at: now)
    }

    /// The answer to a ping frame.
    mutating func ponged(_ number: Int?, at now: Duration) -> [Action] {
        measure(number, at: now)
        return takeActions()
    }

    private mutating func measure(_ number: Int?, at now: Duration) {
        guard let roundTrip = liveness.ponged(number, at: now) else { return }
        view?.measured(roundTrip)
        if let rtt = view?.rtt { actions.append(.emit(.rtt(rtt))) }
    }

    mutating func ping(at now: Duration) {
        liveness.ping(at: now)
        let number = liveness.sequence
        actions.append(view?.hasAdditions ?? false ? .write(.ping(number)) : .ping(number))
    }

    /// When `tick` must be called; nil: not before something else happens.
    var wake: Duration? {
        switch state {
        case .connecting(let time), .asking(let time), .waiting(let time), .leaving(let time): time
        case .inRoom: [liveness.wake, stateWake, tickets.first?.until].compactMap(\.self).min()
        case .idle, .suspended, .ended: nil
        }
    }

    /// A connection that takes no more for now says itself when it does.
    private var stateWake: Duration? { isWritable && outbox.state != nil ? nextState : nil }

    /// The time of `wake` has come.
    mutating func tick(at now: Duration) -> [Action] {
        switch state {
        case .connecting(let time) where now >= time, .asking(let time) where now >= time:
            actions.append(.hangUp(1001))
            fail(PartyError(.timeout, "The relay does not answer"), at: now)
        case .waiting(let time) where now >= time:
            connect(at: now)
        case .leaving(let time) where now >= time:
            actions.append(.hangUp(1000))
            end(PartyError(.left, "Left the room"))
        case .inRoom:
            refuseTickets(PartyError(.timeout, "No answer to a request for a ticket")) { now >= $0.until }
            live(at: now)
        default:
            break
        }
        return takeActions()
    }

    private mutating func live(at now: Duration) {
        if now - enteredAt >= Self.calm {
            patience = options.pongWithin
            liveness.patience = patience
        }
        switch liveness.need(at: now) {
        case .wait: flush(at: now)
        case .ping:
            ping(at: now)
            flush(at: now)
        case .end:
            actions.append(.hangUp(1001))
            fail(PartyError(.unreachable, "The relay is silent"), at: now)
            patience = min(patience * 2, options.pongWithin * 8)
        }
    }
}
