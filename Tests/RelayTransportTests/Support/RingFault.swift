import CLinux
import Glibc
import Testing

@testable import RelayEngine

/// Breaks a ring that somebody else holds.
@safe struct RingFault {
    private let ring: clinux_socket_ring

    init(_ ring: borrowing SocketRing) {
        unsafe self.ring = ring.ring
    }

    init?(_ ring: borrowing SocketRing?) {
        switch ring {
        case .some(let ring): self.init(ring)
        case .none: return nil
        }
    }

    /// Has every later batch fail: its descriptor names something else.
    func breakDown() throws {
        let other = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(other) }
        let replaced = unsafe dup2(other, ring.descriptor)
        try #require(replaced >= 0)
    }

    /// Has the kernel stop before a send or read of the next batch, as it does when it runs out of memory.
    ///
    /// - Parameter place: in a ring that has done nothing yet.
    func stop(before place: Int) {
        unsafe ring.submission_order[place] = .max
    }
}
