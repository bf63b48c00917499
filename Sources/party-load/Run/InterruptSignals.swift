internal import CLinux
internal import Glibc

/// SIGINT and SIGTERM, which the thread that leads a run waits for: the first ends the measuring, a second the program.
@safe struct InterruptSignals {
    private let set: sigset_t

    /// Keeps the signals from ending the process; for the calling thread and those that it starts from here on.
    init() {
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        self.set = set
    }

    /// Whether one has come within the time.
    func wait(nanoseconds: UInt64) -> Bool {
        var set = set
        var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        guard unsafe sigtimedwait(&set, nil, &time) > 0 else { return false }
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
        return true
    }
}
