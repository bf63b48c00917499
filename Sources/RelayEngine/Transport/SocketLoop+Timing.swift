/// The messages that one turn has handled.
///
/// How long they took is known when everything is flushed, so they are noted until then, as numbers alone: no message
/// has a time of its own, and none costs a look at the clock.
struct MessagesOfTurn {
    /// Of those whose last byte was read in this turn.
    var fresh = 0
    /// Of those that were read before this turn, or by another loop, with the start of the turn in which they were.
    var late: [(heardAt: UInt64, count: Int)] = []
}

extension SocketLoop {
    /// Handles what was read before this turn, or by another loop, so that its wait is seen.
    ///
    /// What the connection itself had to wait for is left out: `heardAt` is set anew when it comes out of a rest above its
    /// message rate, or its request out of the search for a room.
    func workOffLate(_ connection: Connection) {
        noteLate(connection) { workOff(connection) }
    }

    func noteLate(_ connection: Connection, _ handle: () -> Void) {
        let heardAt = connection.heardAt
        let before = messagesOfTurn.fresh
        handle()
        let handled = messagesOfTurn.fresh - before
        guard handled > 0, heardAt != now else { return }
        messagesOfTurn.fresh = before
        messagesOfTurn.late.append((heardAt, handled))
    }

    /// Everything that the turn has caused is with the kernel, or waits for a slow reader.
    func noteEndOfTurn() {
        endOfTurn = MonotonicClock.now()
        counters.turnTime.observe(nanoseconds: nanoseconds(since: now))
        if messagesOfTurn.fresh > 0 {
            counters.relayTime.observe(nanoseconds: nanoseconds(since: now), weight: messagesOfTurn.fresh)
            messagesOfTurn.fresh = 0
        }
        guard !messagesOfTurn.late.isEmpty else { return }
        for (heardAt, count) in messagesOfTurn.late {
            counters.relayTime.observe(nanoseconds: nanoseconds(since: heardAt), weight: count)
        }
        messagesOfTurn.late.removeAll(keepingCapacity: true)
    }

    private func nanoseconds(since start: UInt64) -> Int {
        endOfTurn > start ? Int(endOfTurn - start) : 0
    }
}
