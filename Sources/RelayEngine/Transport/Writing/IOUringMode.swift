/// Whether a loop sends to many connections, and reads from many, with one call (io_uring).
package enum IOUringMode: String, CaseIterable, Sendable {
    /// Where the kernel lets it.
    case auto
    /// Or not at all: the start fails where the kernel refuses.
    case on
    /// Each connection has a call of its own.
    case off
}
