internal import Glibc

/// The wall clock, for the dates that others read. No deadline depends on it: an operator may set it.
enum WallClock {
    /// Unix time in whole seconds; it costs no system call.
    static func second() -> Int {
        time(nil)
    }
}
