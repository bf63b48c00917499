/// The time of one loop, and its patience: how long it goes on while nothing gets ahead.
///
/// Nanoseconds of the monotonic clock, which the loop reads and hands over.
struct LoopClock: Sendable {
    /// As of the last event.
    private(set) var now: UInt64
    private let start: UInt64
    private let patience: UInt64
    /// When something last got ahead.
    private var lastProgress: UInt64 = 0

    /// Waits end after this time at the latest, so that what other threads say is heard.
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

    /// Whether nothing got ahead for too long.
    var isStuck: Bool { now >= lastProgress + patience }

    /// When the patience ends that begins now.
    var patienceEnd: UInt64 { now + patience }

    /// How long the end of a run waits for what is under way. Who cuts a run short wants to see it end.
    func finalPatience(isCutShort: Bool) -> UInt64 {
        isCutShort ? min(patience, Clocks.nanoseconds(1)) : patience
    }

    /// How long to wait for events, in nanoseconds.
    @inline(__always)
    func wait(until deadline: UInt64) -> UInt64 {
        deadline > now ? min(deadline - now, LoopClock.longestWait) : 0
    }
}
