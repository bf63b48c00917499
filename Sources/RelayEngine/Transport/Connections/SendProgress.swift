/// What has become of a connection's output: acknowledged by the peer's kernel, or still on its way.
///
/// Asked of the kernel when a peer seems silent, never for a message.
struct SendProgress: Equatable {
    /// Bytes acknowledged, ever, modulo 2^32.
    var acknowledged: UInt32 = 0
    /// Bytes queued or sent that are not acknowledged.
    var outstanding = 0
    /// Those among them that have not been sent: the peer's window holds them up, or the network.
    var held = 0
    /// Nanoseconds since the peer's last acknowledgement, be it of nothing new.
    var quiet: UInt64 = 0

    /// The position in the stream behind all that is queued, modulo 2^32.
    var end: UInt32 { acknowledged &+ UInt32(truncatingIfNeeded: outstanding) }

    /// True if all bytes before this position are acknowledged.
    func hasPassed(_ position: UInt32) -> Bool {
        // Half of the numbers lie ahead, which is far more than can be queued.
        outstanding == 0 || Int32(bitPattern: acknowledged &- position) >= 0
    }
}
