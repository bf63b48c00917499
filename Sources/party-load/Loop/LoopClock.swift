/// The current time of one loop, and its patience: the time it goes on without progress.
///
/// All times are nanoseconds of the monotonic clock. The loop reads the clock, this type only keeps the value.
struct LoopClock: Sendable {
    /// The time of the last event.
    private(set) var now: UInt64
    private let start: UInt64
    private let patience: UInt64
    /// The time of the last progress.
    private var lastProgress: UInt64 = 0

    /// The longest wait, which bounds the time until the loop notices a signal of the main thread.
    private static let longestWait: UInt64 = 20_000_000

    init(start: UInt64, patience: UInt64) {
        self.start = start
        self.patience = patience
        now = start
    }

    @inline(__always)
    mutating func advance(to time: UInt64) { now = time }

    mutating func noteProgress() { lastProgress = now }

    var sinceStart: UInt64 { now - start }

    /// True if there was no progress for as long as the patience.
    var isStuck: Bool { now >= lastProgress + patience }

    /// The time at which the patience ends if it starts now.
    var patienceEnd: UInt64 { now + patience }

    /// The time that the end of a run waits for messages in flight: short after an interruption.
    func finalPatience(isCutShort: Bool) -> UInt64 {
        isCutShort ? min(patience, Clocks.nanoseconds(1)) : patience
    }

    /// The time to wait for events, in nanoseconds.
    @inline(__always)
    func wait(until deadline: UInt64) -> UInt64 {
        deadline > now ? min(deadline - now, LoopClock.longestWait) : 0
    }
}
