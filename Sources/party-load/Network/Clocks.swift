internal import Glibc

/// The clocks of a run, in nanoseconds.
enum Clocks {
    static let second = 1_000_000_000.0

    /// Monotonic time, for deadlines and latencies.
    static func monotonic() -> UInt64 { read(CLOCK_MONOTONIC) }

    /// Processor time used by the calling thread.
    static func threadProcessor() -> UInt64 { read(CLOCK_THREAD_CPUTIME_ID) }

    static func nanoseconds(_ seconds: Double) -> UInt64 { UInt64(seconds * second) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
