internal import CLinux
internal import Glibc

/// SIGINT and SIGTERM, for which the main thread waits: the first ends the measurement, a second ends the program.
@safe struct InterruptSignals {
    private let set: sigset_t

    /// Blocks the signals in the calling thread and in all threads that it starts afterwards.
    init() {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        self.set = set
    }

    /// Waits for a signal; true if one arrived in time.
    func wait(nanoseconds: UInt64) -> Bool {
        var set = set
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        guard unsafe sigtimedwait(&set, nil, &time) > 0 else { return false }
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
        return true
    }
}
