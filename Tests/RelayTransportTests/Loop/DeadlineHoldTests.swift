import Testing

@testable import RelayEngine

@Suite("Deadlines of a loop that was stopped")
struct DeadlineHoldTests {
    private static let millisecond: UInt64 = 1_000_000
    private static let start = 1_000_000 * millisecond

    /// A turn, in milliseconds of the test, and whether it could not look at all that was ready.
    private struct Turn {
        let at: UInt64
        var late: UInt64 = 0
        var leavesUnread = false
        /// The moment up to which deadlines have passed after it; nil if it is the turn's own.
        var due: UInt64?
    }

    @Test(
        "deadlines are held from the turn before a stop, until what was sent meanwhile can have had its effect",
        arguments: [
            [Turn(at: 10), Turn(at: 20), Turn(at: 260, late: 240)],
            [
                Turn(at: 10), Turn(at: 270, late: 250), Turn(at: 521, late: 251, due: 270), Turn(at: 771, due: 270),
                Turn(at: 772),
            ],
            [
                Turn(at: 10), Turn(at: 9_010, late: 8_900, due: 10), Turn(at: 9_011, due: 10),
                Turn(at: 10_009, due: 10),
                Turn(at: 10_010),
            ],
            // Stopped once more meanwhile, and once more right behind its end.
            [
                Turn(at: 10), Turn(at: 9_010, late: 8_900, due: 10), Turn(at: 19_010, late: 9_999, due: 10),
                Turn(at: 20_009, due: 10), Turn(at: 20_010), Turn(at: 30_010, late: 9_990, due: 20_010),
            ],
            [
                Turn(at: 10), Turn(at: 9_010, late: 8_900, due: 10), Turn(at: 9_910, late: 890, due: 10),
                Turn(at: 10_799, due: 10), Turn(at: 10_800),
            ],
            // More is ready than it can look at, long after the hold would have ended.
            [
                Turn(at: 10), Turn(at: 9_010, late: 8_900, leavesUnread: true, due: 10),
                Turn(at: 9_900, leavesUnread: true, due: 10), Turn(at: 10_100, leavesUnread: true, due: 10),
                Turn(at: 10_300, due: 10), Turn(at: 10_350),
            ],
            // Without a stop that holds nothing.
            [Turn(at: 10, leavesUnread: true), Turn(at: 20, leavesUnread: true)],
        ] as [[Turn]])
    private func holds(turns: [Turn]) {
        var hold = DeadlineHold()
        var last = Self.start
        for turn in turns {
            let now = Self.start + turn.at * Self.millisecond
            hold.turnBegins(at: now, after: last, lateness: turn.late * Self.millisecond)
            if turn.leavesUnread { hold.leftUnread(at: now) }
            #expect(hold.due(at: now) == Self.start + (turn.due ?? turn.at) * Self.millisecond, "\(turn)")
            last = now
        }
    }

    @Test(
        "a loop that is late at every turn has a deadline pass every few seconds", arguments: [300, 2_000] as [UInt64])
    func alwaysLate(late: UInt64) {
        var hold = DeadlineHold()
        var now = Self.start
        var turnsWithDeadlines = 0
        let turns = 60_000 / late
        for _ in 0..<turns {
            let last = now
            now += late * Self.millisecond
            hold.turnBegins(at: now, after: last, lateness: late * Self.millisecond)
            hold.leftUnread(at: now)
            if hold.due(at: now) == now { turnsWithDeadlines += 1 }
        }
        #expect((2...Int(turns) / 2).contains(turnsWithDeadlines))
    }
}
