internal import Glibc

/// The monotonic clock, in nanoseconds, for every deadline of the engine.
///
/// The wall clock of a machine that was suspended lags or jumps; this one does neither.
package enum MonotonicClock {
    package static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    package static func now() -> UInt64 { read(CLOCK_MONOTONIC) }

    /// Nanoseconds that the machine has been suspended since its start, which this clock does not count.
    ///
    /// Two clocks are read one after the other, so it may be off by the time between.
    ///
    /// - Parameter now: the moment that this clock shows.
    static func asleep(now: UInt64) -> UInt64 {
        let sinceStart = read(CLOCK_BOOTTIME)
        return sinceStart > now ? sinceStart - now : 0
    }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * nanosecondsPerSecond + UInt64(time.tv_nsec)
    }
}
