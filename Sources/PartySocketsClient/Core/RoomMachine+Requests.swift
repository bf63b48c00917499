extension RoomMachine {
    /// At most one state in this time; the latest counts.
    private static let statePause = Duration.milliseconds(50)
    private static let leaveLimit = Duration.seconds(2)
    private static let ticketLimit = Duration.seconds(10)

    /// The game sends a message.
    ///
    /// - Parameter isOrder: true for what the host wants done, however late: it is kept where messages are not.
    mutating func send(_ message: ClientMessage, isOrder: Bool = false, at now: Duration) -> [Action] {
        switch state {
        case .inRoom where isWritable:
            actions.append(.write(message))
        case .leaving, .ended:
            drop(1)
        default:
            drop(outbox.add(message, isOrder: isOrder, at: now))
        }
        return takeActions()
    }

    /// The game sets the room's state.
    mutating func set(_ data: RawJSON, at now: Duration) -> [Action] {
        view?.state = data
        ownState = data
        outbox.set(data)
        if state == .inRoom { flush(at: now) }
        return takeActions()
    }

    /// The connection takes more, or no more for now.
    mutating func writability(_ isWritable: Bool, at now: Duration) -> [Action] {
        self.isWritable = isWritable
        if state == .inRoom { flush(at: now) }
        return takeActions()
    }

    /// Sends what was kept.
    mutating func flush(at now: Duration) {
        guard isWritable else { return }
        let (messages, dropped) = outbox.takeMessages(at: now)
        drop(dropped)
        actions += messages.map(Action.write)
        if now >= nextState, let data = outbox.takeState() {
            nextState = now + Self.statePause
            actions.append(.write(.state(data)))
        }
    }

    /// Says once in each absence that messages are dropped, unless the game wants that.
    private mutating func drop(_ count: Int) {
        guard count > 0, !hasDropped, options.whileAway == .keep else { return }
        hasDropped = true
        actions.append(.emit(.error(PartyError(.notSent, "Messages are dropped until the connection is back"))))
    }

    /// The host asks for a ticket.
    mutating func requestTicket(_ number: Int, for index: Int, at now: Duration) -> [Action] {
        if state == .inRoom {
            tickets.append(TicketRequest(number: number, index: index, until: now + Self.ticketLimit))
            actions.append(.write(.ticket(index)))
        } else {
            let error = PartyError(.unreachable, "No ticket while the connection is away")
            actions.append(.answer(number, .failure(error)))
        }
        return takeActions()
    }

    /// The member gives up its seat; with `closesRoom`, the host ends the room for all.
    mutating func leave(closesRoom: Bool, at now: Duration) -> [Action] {
        let gone = PartyError(.left, "Left the room")
        switch state {
        case .inRoom where closesRoom || view?.hasAdditions ?? false:
            actions.append(.write(closesRoom ? .closeRoom : .leave))
            state = .leaving(until: now + Self.leaveLimit)
        case .idle, .ended, .leaving:
            break
        default:
            // To an old relay a close frame is a goodbye, too. While away, nobody is there to be told.
            if isConnected { actions.append(.hangUp(1000)) }
            end(gone)
        }
        return takeActions()
    }

    /// The program looks after something else.
    mutating func suspend(at now: Duration) -> [Action] {
        guard view != nil else { return [] }
        switch state {
        case .idle, .suspended, .leaving, .ended: return []
        case .connecting, .asking, .waiting, .inRoom: break
        }
        if isConnected { actions.append(.hangUp(1001)) }
        pause(at: now)
        return takeActions()
    }

    /// The program is back, or its player does not want to wait.
    mutating func resume(at now: Duration) -> [Action] {
        switch state {
        case .suspended, .waiting: comeBack(at: now)
        case .inRoom: ping(at: now)
        case .idle, .connecting, .asking, .leaving, .ended: break
        }
        return takeActions()
    }

    /// Nobody is interested any more.
    mutating func abandon() -> [Action] {
        if isConnected { actions.append(.hangUp(1001)) }
        end(PartyError(.aborted, "Cancelled"))
        return takeActions()
    }

    private var isConnected: Bool {
        switch state {
        case .connecting, .asking, .inRoom, .leaving: true
        case .idle, .waiting, .suspended, .ended: false
        }
    }
}
