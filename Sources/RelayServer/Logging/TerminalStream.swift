internal import Glibc
internal import NIOConcurrencyHelpers

/// An output stream to a terminal, which a key or a frozen window can stop.
///
/// Text that the terminal does not accept is lost: a loop that waited for it would stall all its games, and a drain
/// could not even begin.
struct TerminalStream: TextOutputStream, Sendable {
    private let descriptor: Int32

    /// - Parameter descriptor: the terminal; it may be shared with other processes.
    init(descriptor: Int32 = STDOUT_FILENO) {
        // Opened anew: non-blocking mode is shared by all processes that have inherited the descriptor.
        let flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        let own = unsafe open("/proc/self/fd/\(descriptor)", flags)
        self.descriptor = own >= 0 ? own : descriptor
    }

    /// A non-blocking terminal refuses a write while another thread writes to it.
    private static let writing = NIOLock()

    mutating func write(_ text: String) {
        var text = text
        TerminalStream.writing.withLock {
            // If it could not be opened anew, check for the most frequent reason to block: somebody has stopped it.
            var target = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard unsafe poll(&target, 1, 0) == 1, target.revents & Int16(POLLOUT) != 0 else { return }
            // One call for the whole text, so that it does not mix with that of other processes either.
            _ = text.withUTF8 { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        }
    }
}
