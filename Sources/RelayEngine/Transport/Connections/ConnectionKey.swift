/// The identity of a connection for epoll and for timers, also after it is gone.
///
/// The kernel reuses a descriptor's number as soon as it is closed, so the key carries a serial number too: an event
/// for the old connection does not reach the new one.
package struct ConnectionKey: Hashable, Sendable {
    /// 24 bits of descriptor, 40 bits of serial number.
    let rawValue: UInt64

    init(descriptor: Int32, serial: UInt64) {
        precondition(descriptor >= 0 && descriptor < 1 << 24, "the kernel's limit of open files is far below")
        rawValue = serial << 24 | UInt64(descriptor)
    }

    init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The serial number: another one for each connection of the process.
    var serial: UInt64 { rawValue >> 24 }

    var descriptor: Int32 { Int32(truncatingIfNeeded: rawValue & 0xFF_FFFF) }
}
