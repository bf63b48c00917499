internal import CLinux
internal import Glibc

/// Sends on many sockets, or reads from many, with one system call (io_uring).
///
/// The call is synchronous: when `submit` returns, everything in the batch is complete, so no buffer must outlive it
/// and the loop stays as simple as with `send` and `recv`. The thread that submits first owns the ring.
@safe package struct SocketRing: ~Copyable {
    /// The most sends or reads in one batch; more gain nothing.
    static let capacity = 128
    /// The most bytes of one send or read; the rest is handled like that of a partial one.
    private static let mostBytes = 1 << 30

    private(set) var ring: clinux_socket_ring
    private var isEnabled = false
    /// The number of sends and reads in the batch.
    private(set) var count = 0
    /// The result of `send` or `recv` for each of the batch, or the negative `errno`.
    private var results = [Int32](repeating: SocketRing.notTold, count: SocketRing.capacity)

    /// The result of what is not complete.
    private static let notTold = -ECANCELED
    /// The result of what the kernel has taken, and may or may not have done.
    static let unknown = -EINPROGRESS
    /// The waits for completions that may fail before the ring is given up.
    private static let mostFailures = 1_000

    /// - Throws: the kernel's error: it is older than Linux 6.1, or does not allow this process a ring.
    package init() throws(SystemError) {
        var opened = unsafe clinux_socket_ring()
        guard unsafe clinux_socket_ring_open(&opened, UInt32(SocketRing.capacity)) == 0 else {
            throw SystemError("io_uring_setup")
        }
        unsafe ring = opened
    }

    deinit {
        var ring = unsafe ring
        unsafe clinux_socket_ring_close(&ring)
    }

    var isFull: Bool { count == SocketRing.capacity }

    /// Adds a send to the batch.
    ///
    /// - Parameter bytes: must stay in place until `submit` has returned.
    mutating func addSend(_ bytes: UnsafeRawBufferPointer, to socket: Int32) {
        let place = newPlace()
        unsafe clinux_socket_ring_add_send(
            &ring, socket, bytes.baseAddress, UInt32(min(bytes.count, SocketRing.mostBytes)), place)
    }

    /// Adds a read to the batch.
    ///
    /// - Parameter space: must not be touched until `submit` has returned.
    mutating func addReceive(into space: UnsafeMutableRawBufferPointer, from socket: Int32) {
        let place = newPlace()
        unsafe clinux_socket_ring_add_receive(
            &ring, socket, space.baseAddress, UInt32(min(space.count, SocketRing.mostBytes)), place)
    }

    private mutating func newPlace() -> UInt64 {
        precondition(!isFull, "a batch has \(SocketRing.capacity) places")
        results[count] = SocketRing.notTold
        count += 1
        return UInt64(count - 1)
    }

    /// Runs the batch. When this returns or throws, the kernel has finished with all of it.
    ///
    /// - Throws: if the ring cannot be used any more. Some of the batch may have been done: the outcomes tell.
    mutating func submit() throws(SystemError) {
        if !isEnabled {
            guard unsafe clinux_socket_ring_enable(&ring) == 0 else { throw SystemError("io_uring_register") }
            isEnabled = true
        }
        let taken = unsafe clinux_socket_ring_submit(&ring, UInt32(count))
        guard taken >= 0 else { throw SystemError("io_uring_enter") }
        var complete = collect()
        var failures = 0
        while complete < taken {
            // A signal has interrupted the wait.
            let result = unsafe clinux_socket_ring_submit(&ring, UInt32(Int(taken) - complete))
            let error = SystemError("io_uring_enter")
            complete += collect()
            guard result != 0, error.code != EINTR else { continue }
            failures += 1
            guard failures < SocketRing.mostFailures || complete == taken else {
                giveUp(first: Int(taken))
                throw error
            }
        }
        // The kernel had no memory for the others.
        guard complete == count else { throw SystemError("io_uring_enter", code: ENOMEM) }
    }

    /// Has the sends and reads whose results the kernel does not tell end their connections: to repeat a send that was
    /// done would double its bytes.
    private mutating func giveUp(first taken: Int) {
        for place in 0..<taken where results[place] == SocketRing.notTold { results[place] = SocketRing.unknown }
    }

    private mutating func collect() -> Int {
        var complete = 0
        var place: UInt64 = 0
        var result: Int32 = 0
        while unsafe clinux_socket_ring_next(&ring, &place, &result) {
            results[Int(place)] = result
            complete += 1
        }
        return complete
    }

    /// The outcome of a send of the batch.
    ///
    /// - Returns: nil if nothing was sent for a reason that may be the ring's own: `send` will tell.
    func writeOutcome(of place: Int) -> Socket.WriteOutcome? {
        SocketRing.writeOutcome(results[place])
    }

    /// The outcome of a read of the batch.
    ///
    /// - Returns: nil if nothing was read for a reason that may be the ring's own: `recv` will tell.
    func readOutcome(of place: Int) -> Socket.ReadOutcome? {
        SocketRing.readOutcome(results[place])
    }

    static func writeOutcome(_ result: Int32) -> Socket.WriteOutcome? {
        switch result {
        case let count where count >= 0: .accepted(Int(count))
        case -EAGAIN: .accepted(0)
        case unknown: .failed
        default: nil
        }
    }

    static func readOutcome(_ result: Int32) -> Socket.ReadOutcome? {
        switch result {
        case 0: .ended
        case let count where count > 0: .bytes(Int(count))
        case -EAGAIN: .wouldBlock
        case unknown: .failed
        default: nil
        }
    }

    /// Begins the next batch. Sends and reads added to this one and not submitted are dropped.
    mutating func removeAll() {
        unsafe ring.added = 0
        count = 0
    }
}
