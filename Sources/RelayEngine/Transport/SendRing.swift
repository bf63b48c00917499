internal import CLinux
internal import Glibc

/// Sends on many sockets with one system call (io_uring).
///
/// The call is synchronous: when `submit` returns, every send of the batch is over, so no buffer has to outlive it and the
/// loop stays as simple as it is with `send`. It belongs to the thread that submits first.
@safe package struct SendRing: ~Copyable {
    /// Sends of one batch. More in one call gains nothing.
    static let capacity = 128
    /// A send takes no more at once; what is left is like the rest of a partial send.
    private static let mostBytes = 1 << 30

    private(set) var ring: clinux_send_ring
    private var isEnabled = false
    /// How many sends the batch has.
    private(set) var count = 0
    /// What `send` would have returned for each of the batch, or the negative `errno`.
    private var results = [Int32](repeating: -ECANCELED, count: SendRing.capacity)

    /// - Throws: what the kernel refuses it with: it is older than Linux 6.1, or does not let this process have one.
    package init() throws(SystemError) {
        var opened = unsafe clinux_send_ring()
        guard unsafe clinux_send_ring_open(&opened, UInt32(SendRing.capacity)) == 0 else {
            throw SystemError("io_uring_setup")
        }
        unsafe ring = opened
    }

    deinit {
        var ring = unsafe ring
        unsafe clinux_send_ring_close(&ring)
    }

    var isFull: Bool { count == SendRing.capacity }

    /// Adds a send to the batch.
    ///
    /// - Parameter bytes: must stay where they are until `submit` has returned.
    mutating func add(_ bytes: UnsafeRawBufferPointer, to socket: Int32) {
        precondition(!isFull, "a batch has \(SendRing.capacity) sends at most")
        results[count] = -ECANCELED
        unsafe clinux_send_ring_add(
            &ring, socket, bytes.baseAddress, UInt32(min(bytes.count, SendRing.mostBytes)), UInt64(count))
        count += 1
    }

    /// Sends the batch. When this returns, also with an error, the kernel has done with all of it.
    ///
    /// - Throws: if the ring is of no use any more. Some of the batch may have been sent: `outcome(of:)` tells.
    mutating func submit() throws(SystemError) {
        if !isEnabled {
            guard unsafe clinux_send_ring_enable(&ring) == 0 else { throw SystemError("io_uring_register") }
            isEnabled = true
        }
        let taken = unsafe clinux_send_ring_submit(&ring, UInt32(count))
        guard taken >= 0 else { throw SystemError("io_uring_enter") }
        var complete = collect()
        while complete < taken {
            // A signal has cut the wait short.
            let result = unsafe clinux_send_ring_submit(&ring, UInt32(Int(taken) - complete))
            precondition(result == 0 || errno == EINTR, "the kernel completes what it has taken")
            complete += collect()
        }
        // There was no memory for the others.
        guard complete == count else { throw SystemError("io_uring_enter", code: ENOMEM) }
    }

    private mutating func collect() -> Int {
        var complete = 0
        var place: UInt64 = 0
        var result: Int32 = 0
        while unsafe clinux_send_ring_next(&ring, &place, &result) {
            results[Int(place)] = result
            complete += 1
        }
        return complete
    }

    /// What became of a send of the batch.
    ///
    /// - Returns: nil if nothing was sent for a reason that may be the ring's own: `send` will tell.
    func outcome(of place: Int) -> Socket.WriteOutcome? {
        switch results[place] {
        case let count where count >= 0: .accepted(Int(count))
        case -EAGAIN: .accepted(0)
        default: nil
        }
    }

    /// Begins the next batch.
    mutating func removeAll() {
        count = 0
    }
}
