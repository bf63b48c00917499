/// The use of io_uring, with which a loop sends to many connections, and reads from many, with one call.
package enum IOUringMode: String, CaseIterable, Sendable {
    /// Used where the kernel allows it.
    case auto
    /// Required: the start fails where the kernel refuses it.
    case on
    /// Not used: each connection has its own calls.
    case off
}
