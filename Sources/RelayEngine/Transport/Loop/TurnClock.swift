/// The time of a loop, which stands still during a turn, and the delays of the turn's messages.
///
/// The delay of a message ends when everything is flushed; until then messages are only counted, so none has a
/// timestamp of its own or costs a reading of the clock.
struct TurnClock {
    /// Nanoseconds of the monotonic clock at the start of this turn.
    private(set) var now: UInt64
    private var endOfTurn: UInt64
    private let idleTimeout: Int
    /// No connection is dropped for silence before this moment, because the loop itself was held up.
    private var idleChecksSuspendedUntil: UInt64 = 0
    private var hold = DeadlineHold()
    /// Nanoseconds that the machine has been suspended, ever.
    private var asleep: UInt64
    /// Messages whose last byte was read in this turn.
    private(set) var handledMessages = 0
    /// Messages read in an earlier turn, or by another loop, with the start of that turn.
    private var delayedMessages: [(readAt: UInt64, count: Int)] = []

    /// Bytes of long HTTP answers in this turn, all connections together.
    private var longAnswerBytes = 0

    private let turnTime: UInt64
    // The time that this turn has used up: read now and then, after some steps' work.
    private var used: UInt64 = 0
    private var work = 0
    private var frames = 0
    private var bytes = 0

    /// - Parameters:
    ///   - asleep: nanoseconds that the machine has been suspended, ever.
    ///   - idleTimeout: seconds of silence after which a peer is dropped.
    ///   - turnTime: nanoseconds after which a turn begins no further step.
    init(now: UInt64, asleep: UInt64 = 0, idleTimeout: Int, turnTime: UInt64) {
        self.now = now
        self.asleep = asleep
        self.turnTime = turnTime
        endOfTurn = now
        self.idleTimeout = idleTimeout
    }

    /// The moment this many seconds from now; 0 is never.
    func moment(inSeconds seconds: Int) -> UInt64 {
        guard seconds > 0 else { return .max }
        let (span, overflows) = UInt64(seconds).multipliedReportingOverflow(by: MonotonicClock.nanosecondsPerSecond)
        let (moment, isLater) = now.addingReportingOverflow(span)
        return overflows || isLater ? .max : moment
    }

    /// The milliseconds that a turn may wait for events; -1 waits without end.
    ///
    /// Rounded up, lest the loop spin through the last fraction of a millisecond.
    func patience(until deadline: UInt64) -> Int32 {
        guard deadline < .max else { return -1 }
        // The last turn ended just now, so the clock need not be read again.
        guard deadline > endOfTurn else { return 0 }
        return Int32(min((deadline - endOfTurn) / 1_000_000 + 1, 60_000))
    }

    // MARK: Turns

    /// Begins a turn. A loop that was stopped or starved, or whose machine was suspended, holds its deadlines for a
    /// moment, and after a second suspends its idle checks: its peers may have sent bytes meanwhile.
    ///
    /// - Parameters:
    ///   - patience: the most milliseconds that it intended to wait.
    ///   - asleep: nanoseconds that the machine has been suspended, ever; nil if that is not known to have changed.
    mutating func beginTurn(at moment: UInt64, patience: Int32, asleep: UInt64? = nil) {
        let before = now
        now = moment
        longAnswerBytes = 0
        (used, work) = (0, 0)
        let expected = patience < 0 ? .max : before + UInt64(patience) * 1_000_000
        let suspended = max(asleep ?? 0, self.asleep) - self.asleep
        self.asleep = asleep ?? self.asleep
        let lateness = max(now > expected ? now - expected : 0, suspended)
        hold.turnBegins(at: now, after: before, lateness: lateness)
        if lateness > MonotonicClock.nanosecondsPerSecond { suspendIdleChecks() }
    }

    /// Notes that more sockets are ready than the turn could look at: they must be read before silence is judged.
    mutating func leftUnread() {
        hold.leftUnread(at: now)
        suspendIdleChecks()
    }

    /// The moment up to which deadlines have passed: the start of this turn, or an earlier one while they are held.
    var due: UInt64 { hold.due(at: now) }

    /// The moment at which this deadline passes, unless it is held longer.
    func passing(of deadline: UInt64) -> UInt64 {
        hold.isInEffect ? max(deadline, hold.endsAt) : deadline
    }

    /// Notes the end of a step, and reads the clock if the steps since the last reading may have taken long.
    ///
    /// - Parameters:
    ///   - frames: frames queued, ever.
    ///   - bytes: bytes received, ever.
    @inline(__always)
    mutating func stepEnded(frames: Int, bytes: Int, readingClock clock: () -> UInt64) {
        work += 1 + (frames &- self.frames) / 64 + (bytes &- self.bytes) >> 14
        (self.frames, self.bytes) = (frames, bytes)
        guard work >= TransportSettings.workPerClockReading else { return }
        work = 0
        let moment = clock()
        used = moment > now ? moment - now : 0
    }

    /// True if the rest of the work is to wait for the next turn, so that nobody waits long for a turn's output.
    var isSpent: Bool { used >= turnTime }

    /// True if messages of other loops have had their share of this turn, or requests of strangers theirs.
    var isThirdSpent: Bool { used >= turnTime / 3 }

    /// True if input that is left from earlier turns has had its share of this one.
    var isTwoThirdsSpent: Bool { used >= turnTime / 3 * 2 }

    /// Suspends idle checks long enough for every silent peer to be pinged once more.
    private mutating func suspendIdleChecks() {
        idleChecksSuspendedUntil = now + UInt64(max(idleTimeout, 2)) * MonotonicClock.nanosecondsPerSecond / 2
    }

    var areIdleChecksSuspended: Bool { now < idleChecksSuspendedUntil }

    /// Ends a turn: all its output is with the kernel, or waits for a slow reader.
    mutating func endTurn(at moment: UInt64, _ counters: TransportCounters) {
        endOfTurn = moment
        counters.turnTime.observe(nanoseconds: nanoseconds(since: now))
        if handledMessages > 0 {
            counters.relayTime.observe(nanoseconds: nanoseconds(since: now), weight: handledMessages)
            handledMessages = 0
        }
        guard !delayedMessages.isEmpty else { return }
        for (readAt, count) in delayedMessages {
            counters.relayTime.observe(nanoseconds: nanoseconds(since: readAt), weight: count)
        }
        delayedMessages.removeAll(keepingCapacity: true)
    }

    private func nanoseconds(since start: UInt64) -> Int {
        endOfTurn > start ? Int(endOfTurn - start) : 0
    }

    /// True if this turn has time for one more long answer.
    var hasTimeForLongAnswer: Bool { longAnswerBytes < TransportSettings.answerBytesPerTurn }

    mutating func longAnswerGiven(bytes: Int) {
        longAnswerBytes += bytes
        // To build it takes as long as some steps.
        work += bytes >> 12
    }

    // MARK: Messages

    @inline(__always)
    mutating func messageHandled() {
        handledMessages += 1
    }

    /// Notes that the messages handled since the count was `before` were read in an earlier turn, or by another loop.
    ///
    /// Pauses of the connection itself are not counted: the time of its last read is reset when it ends a pause above
    /// its message rate, or its request a lookup.
    mutating func delay(messagesSince before: Int, readAt: UInt64) {
        guard handledMessages > before, readAt != now else { return }
        delayedMessages.append((readAt, handledMessages - before))
        handledMessages = before
    }
}
