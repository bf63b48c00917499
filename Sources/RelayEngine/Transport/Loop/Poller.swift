internal import CLinux
internal import Glibc

/// The epoll set of one loop.
///
/// Level-triggered, so that a bounded read needs no bookkeeping: a socket with bytes left is reported again.
@safe struct Poller: ~Copyable {
    /// An event: what its descriptor was registered as, and what it is ready for.
    struct Readiness {
        let source: ReadinessSource
        let isReadable: Bool
        let isWritable: Bool
        /// True if the peer has gone, or closed its sending side where that is watched.
        let isHangUp: Bool
    }

    /// The most descriptors that one wait reports.
    static let batch = 4_096

    private let descriptor: Int32
    private let events: UnsafeMutablePointer<epoll_event>
    /// The indices of the last wait's events that are not handled yet.
    private var unhandled = 0..<0

    init() throws(SystemError) {
        descriptor = epoll_create1(CLINUX_EPOLL_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("epoll_create1") }
        unsafe events = .allocate(capacity: Poller.batch)
    }

    deinit {
        close(descriptor)
        unsafe events.deallocate()
    }

    func add(_ target: Int32, for source: ReadinessSource, interest: Interest) throws(SystemError) {
        guard control(EPOLL_CTL_ADD, target, source.token, interest) == 0 else { throw SystemError("epoll_ctl") }
    }

    func modify(_ target: Int32, for source: ReadinessSource, interest: Interest) throws(SystemError) {
        guard control(EPOLL_CTL_MOD, target, source.token, interest) == 0 else { throw SystemError("epoll_ctl") }
    }

    /// - Returns: false if the kernel refuses, and goes on reporting the descriptor until it is closed.
    @discardableResult
    func remove(_ target: Int32) -> Bool {
        control(EPOLL_CTL_DEL, target, 0, []) == 0
    }

    /// Waits until something is ready or the time is up; -1 waits without end.
    ///
    /// - Returns: the number of valid entries of `readiness(_:)`.
    mutating func wait(milliseconds: Int32) -> Int {
        let count = unsafe max(Int(epoll_wait(descriptor, events, Int32(Poller.batch), milliseconds)), 0)
        unhandled = 0..<count
        return count
    }

    var hasUnhandled: Bool { !unhandled.isEmpty }

    /// Takes the next events of the last wait; nil once none is left.
    mutating func takeUnhandled(atMost count: Int) -> Range<Int>? {
        guard !unhandled.isEmpty else { return nil }
        let taken = unhandled.prefix(count)
        unhandled = taken.upperBound..<unhandled.upperBound
        return taken
    }

    /// Puts the last events back that were taken.
    mutating func putBack(_ count: Int) {
        unhandled = unhandled.lowerBound - count..<unhandled.upperBound
    }

    func readiness(_ index: Int) -> Readiness {
        precondition(index >= 0 && index < Poller.batch, "an index of the last batch")
        let event = unsafe events[index]
        // The kernel always reports errors and hang-ups; a read tells which it is.
        return unsafe Readiness(
            source: ReadinessSource(token: unsafe event.data.u64),
            isReadable: event.events & ~CLINUX_EPOLLOUT != 0,
            isWritable: event.events & CLINUX_EPOLLOUT != 0,
            isHangUp: event.events & (CLINUX_EPOLLRDHUP | CLINUX_EPOLLHUP | CLINUX_EPOLLERR) != 0)
    }

    private func control(_ operation: Int32, _ target: Int32, _ token: UInt64, _ interest: Interest) -> Int32 {
        var event = unsafe epoll_event(events: interest.rawValue, data: epoll_data_t(u64: token))
        return unsafe epoll_ctl(descriptor, operation, target, &event)
    }
}
