internal import Glibc

/// The monotonic clock, in nanoseconds, for every deadline of the engine.
///
/// The wall clock of a machine that was suspended lags or jumps; this one does neither.
package enum MonotonicClock {
    package static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    package static func now() -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * nanosecondsPerSecond + UInt64(time.tv_nsec)
    }
}
