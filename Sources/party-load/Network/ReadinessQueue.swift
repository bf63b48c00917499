internal import CLinux
internal import Glibc

/// The kernel's readiness queue of one loop (epoll, level-triggered), with waits precise to the microsecond.
@safe struct ReadinessQueue: ~Copyable {
    /// Events per wait: few enough to handle each soon after it was reported, many enough to spread the cost of the call.
    static let batch = 64

    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    /// False on kernels before 5.11, which have no `epoll_pwait2` and wait in whole milliseconds.
    private var isPrecise = true

    init?() {
        descriptor = epoll_create1(CLINUX_EPOLL_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        unsafe events = .allocate(capacity: ReadinessQueue.batch)
    }

    deinit {
        close(descriptor)
        unsafe events.deallocate()
    }

    func add(_ target: Int32, token: Int) -> Bool {
        control(EPOLL_CTL_ADD, target, token, CLINUX_EPOLLIN)
    }

    func watch(_ target: Int32, token: Int, forWriting: Bool) {
        _ = control(EPOLL_CTL_MOD, target, token, CLINUX_EPOLLIN | (forWriting ? CLINUX_EPOLLOUT : 0))
    }

    /// - Returns: the number of events that `readiness` can be asked for.
    mutating func wait(nanoseconds: UInt64) -> Int {
        if isPrecise {
            var time = timespec(
                tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
            let count = unsafe epoll_pwait2(descriptor, events, Int32(ReadinessQueue.batch), &time, nil)
            if count >= 0 { return Int(count) }
            if errno != ENOSYS { return 0 }
            isPrecise = false
        }
        let count = unsafe epoll_wait(
            descriptor, events, Int32(ReadinessQueue.batch), Int32((nanoseconds + 999_999) / 1_000_000))
        return max(Int(count), 0)
    }

    func readiness(_ index: Int) -> (token: Int, isReadable: Bool, isWritable: Bool) {
        precondition(index >= 0 && index < ReadinessQueue.batch, "an index of the last batch")
        let event = unsafe events[index]
        // epoll also reports errors and hang-ups; the read that follows tells which it is.
        return unsafe (
            token: Int(event.data.u64), isReadable: event.events & ~CLINUX_EPOLLOUT != 0,
            isWritable: event.events & CLINUX_EPOLLOUT != 0
        )
    }

    /// Stops reporting that the target is readable or writable, until it is watched again.
    func ignore(_ target: Int32, token: Int) {
        _ = control(EPOLL_CTL_MOD, target, token, 0)
    }

    private func control(_ operation: Int32, _ target: Int32, _ token: Int, _ interest: UInt32) -> Bool {
        var event = unsafe epoll_event(events: interest, data: epoll_data_t(u64: UInt64(token)))
        return unsafe epoll_ctl(descriptor, operation, target, &event) == 0
    }
}
