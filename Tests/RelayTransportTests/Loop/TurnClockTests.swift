import Testing

@testable import RelayEngine

@Suite("The clock of a loop's turns")
struct TurnClockTests {
    private static let second = MonotonicClock.nanosecondsPerSecond
    private static let start = 1_000 * second

    private static func clock(idleTimeout: Int = 10) -> TurnClock {
        TurnClock(now: start, idleTimeout: idleTimeout, turnTime: 1_000)
    }

    // MARK: Moments and waits

    @Test(
        "a moment lies so many seconds ahead; 0, and what the clock cannot count, is never",
        arguments: [
            (0, start, .max), (-1, start, .max), (1, start, start + second), (3_600, start, start + 3_600 * second),
            (18_446_744_073, 0, 18_446_744_073 * second), (18_446_744_074, 0, .max), (.max, start, .max),
            (1, .max - second - 1, .max - 1), (1, .max - second + 1, .max),
        ] as [(Int, UInt64, UInt64)])
    func moment(seconds: Int, now: UInt64, expected: UInt64) {
        #expect(TurnClock(now: now, idleTimeout: 10, turnTime: 1_000).moment(inSeconds: seconds) == expected)
    }

    @Test(
        "a turn waits without end for nothing, not at all for what is due, and a minute at most",
        arguments: [
            (.max, -1), (0, 0), (start, 0), (start + second / 2 - 1, 0), (start + second / 2, 0),
            (start + second / 2 + 1, 1), (start + 30 * second, 29_501), (start + 3_600 * second, 60_000),
            (.max - 1, 60_000),
        ] as [(UInt64, Int32)])
    func patience(deadline: UInt64, milliseconds: Int32) {
        var clock = Self.clock()
        // What the turn itself has taken is no part of the wait.
        clock.endTurn(at: Self.start + Self.second / 2, TransportCounters())
        #expect(clock.patience(until: deadline) == milliseconds)
    }

    @Test(
        "a wait ends after its deadline, by a millisecond at most",
        arguments: [1, 2, 999_999, 1_000_000, 1_000_001, 1_500_000, 59_998_999_999] as [UInt64])
    func rounding(ahead: UInt64) {
        let waited = UInt64(Self.clock().patience(until: Self.start + ahead)) * 1_000_000
        #expect(waited > ahead && waited - ahead <= 1_000_000)
    }

    // MARK: Late wake-ups

    @Test(
        "a loop that wakes up more than a second late suspends idle checks",
        arguments: [
            (0, second, false), (0, second + 1, true), (100, 1_100_000_000, false), (100, 1_100_000_001, true),
            (60_000, 61 * second, false), (60_000, 61 * second + 1, true),
            // It was to wait without end: nobody is checked.
            (-1, 3_600 * second, false),
        ] as [(Int32, UInt64, Bool)])
    func wakesUpLate(patience: Int32, slept: UInt64, isSuspended: Bool) {
        var clock = Self.clock()
        clock.beginTurn(at: Self.start + slept, patience: patience)
        #expect(clock.now == Self.start + slept)
        #expect(clock.areIdleChecksSuspended == isSuspended)
    }

    @Test(
        "idle checks are suspended for half the idle timeout, and for a second at least",
        arguments: [
            (0, second), (1, second), (2, second), (3, second / 2 * 3), (10, 5 * second), (11, second / 2 * 11),
        ])
    func suspension(idleTimeout: Int, length: UInt64) {
        var clock = Self.clock(idleTimeout: idleTimeout)
        #expect(!clock.areIdleChecksSuspended)
        clock.leftUnread()
        for (elapsed, isSuspended) in [(0, true), (length - 1, true), (length, false)] as [(UInt64, Bool)] {
            clock.beginTurn(at: Self.start + elapsed, patience: -1)
            #expect(clock.areIdleChecksSuspended == isSuspended, "\(elapsed) ns")
        }
    }

    @Test(
        "a loop that wakes up late, or whose machine slept, holds what is due; a longer stop for longer, to a second",
        arguments: [
            (100, 0, 350 * 1_000_000, nil), (100, 0, 350 * 1_000_000 + 1, 250 * 1_000_000 + 1),
            (0, 0, 800 * 1_000_000, 800 * 1_000_000), (0, 0, 8 * second, second),
            // It was to wait without end: nothing is due.
            (-1, 0, 8 * second, nil),
            // The machine was suspended, which the clock of the loop does not see.
            (-1, second / 2, 1_000_000, second / 2), (100, 3_600 * second, 1_000_000, second),
            (100, second / 4, 1_000_000, nil),
        ] as [(Int32, UInt64, UInt64, UInt64?)])
    func holds(patience: Int32, suspended: UInt64, slept: UInt64, length: UInt64?) {
        var clock = TurnClock(now: Self.start, asleep: 7, idleTimeout: 10, turnTime: 1_000)
        let woke = Self.start + slept
        clock.beginTurn(at: woke, patience: patience, asleep: 7 + suspended)
        #expect(clock.due == (length == nil ? woke : Self.start))
        #expect(clock.passing(of: 0) == length.map { woke + $0 } ?? 0)
        #expect(clock.passing(of: woke + 2 * Self.second) == woke + 2 * Self.second)
        guard let length else { return }
        clock.beginTurn(at: woke + length - 1, patience: 1_000, asleep: 7 + suspended)
        #expect(clock.due == Self.start)
        clock.beginTurn(at: woke + length, patience: 1_000, asleep: 7 + suspended)
        #expect(clock.due == woke + length)
    }

    // MARK: Messages

    /// Messages handled in one turn, one after another.
    private struct Batch {
        let count: Int
        /// Nanoseconds before the turn at which they were read; 0 for those read in it, nil where nobody asks.
        var readAgo: UInt64?
    }

    @Test(
        "each message is timed from the turn in which it was read to the end of the one that handled it",
        arguments: [
            ([], 7, [0, 0]), ([Batch(count: 1)], 7, [1, 7]), ([Batch(count: 3), Batch(count: 2)], 7, [5, 35]),
            ([Batch(count: 4, readAgo: 100)], 7, [4, 428]), ([Batch(count: 0, readAgo: 100)], 7, [0, 0]),
            ([Batch(count: 4, readAgo: 0)], 7, [4, 28]),
            ([Batch(count: 2), Batch(count: 4, readAgo: 100), Batch(count: 1)], 7, [7, 449]),
            ([Batch(count: 1, readAgo: 10), Batch(count: 1, readAgo: 20), Batch(count: 1, readAgo: 0)], 1, [3, 33]),
        ] as [([Batch], UInt64, [Int])])
    private func messages(batches: [Batch], length: UInt64, timed: [Int]) {
        let counters = TransportCounters()
        var clock = Self.clock()
        for batch in batches {
            let before = clock.handledMessages
            for _ in 0..<batch.count { clock.messageHandled() }
            if let readAgo = batch.readAgo { clock.delay(messagesSince: before, readAt: clock.now - readAgo) }
        }
        clock.endTurn(at: Self.start + length, counters)
        #expect([counters.relayTime.counts.reduce(0, +), counters.relayTime.total] == timed)
        #expect(counters.turnTime.counts.reduce(0, +) == 1 && counters.turnTime.total == Int(length))

        // The next turn begins with none of them.
        clock.beginTurn(at: Self.start + 1_000, patience: 0)
        #expect(clock.handledMessages == 0)
        clock.endTurn(at: Self.start + 1_003, counters)
        #expect([counters.relayTime.counts.reduce(0, +), counters.relayTime.total] == timed)
        #expect(counters.turnTime.counts.reduce(0, +) == 2 && counters.turnTime.total == Int(length) + 3)
    }

    @Test("what another loop read after the end of this turn has waited no time")
    func readLater() {
        let counters = TransportCounters()
        var clock = Self.clock()
        clock.messageHandled()
        clock.delay(messagesSince: 0, readAt: Self.start + 100)
        clock.endTurn(at: Self.start + 50, counters)
        #expect(counters.relayTime.counts.reduce(0, +) == 1 && counters.relayTime.total == 0)
    }

    // MARK: Long answers

    @Test(
        "a turn has time for long answers until they have made so many bytes, all together; the next has its own",
        arguments: [
            ([], true), ([TransportSettings.answerBytesPerTurn - 1], true),
            ([TransportSettings.answerBytesPerTurn], false), ([100_000, 100_000], true),
            ([100_000, 100_000, 100_000], false),
        ])
    func longAnswers(answers: [Int], hasTime: Bool) {
        var clock = Self.clock()
        for bytes in answers { clock.longAnswerGiven(bytes: bytes) }
        #expect(clock.hasTimeForLongAnswer == hasTime)
        clock.beginTurn(at: Self.start + 1, patience: 0)
        #expect(clock.hasTimeForLongAnswer)
    }

    // MARK: The time of a turn

    @Test(
        "the clock is read after every few steps, or as much work, and the turn is spent once its time is used up",
        arguments: [
            // Steps, the frames and bytes of each, the time of the reading, the thirds that are spent, and the readings.
            (3, 0, 0, 5_000, 0, 0), (4, 0, 0, 332, 0, 1), (4, 0, 0, 333, 1, 1), (4, 0, 0, 665, 1, 1),
            (4, 0, 0, 666, 2, 1), (4, 0, 0, 999, 2, 1), (4, 0, 0, 1_000, 3, 1), (1, 191, 0, 5_000, 0, 0),
            (1, 192, 0, 5_000, 3, 1), (1, 0, 48 << 10, 5_000, 3, 1), (8, 0, 0, 5_000, 3, 2),
        ])
    func spent(steps: Int, frames: Int, bytes: Int, used: UInt64, thirds: Int, readings: Int) {
        var clock = TurnClock(now: 10_000, idleTimeout: 10, turnTime: 1_000)
        clock.beginTurn(at: 20_000, patience: -1)
        var read = 0
        for step in 1...steps {
            clock.stepEnded(frames: step * frames, bytes: step * bytes) {
                read += 1
                return 20_000 + used
            }
        }
        let spent = [clock.isThirdSpent, clock.isTwoThirdsSpent, clock.isSpent]
        #expect(read == readings)
        #expect(spent == [thirds >= 1, thirds >= 2, thirds >= 3])
        // Each turn begins anew.
        clock.beginTurn(at: 30_000, patience: -1)
        let isFresh = !clock.isThirdSpent
        #expect(isFresh)
    }
}
