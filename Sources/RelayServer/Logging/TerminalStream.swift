internal import Glibc
internal import NIOConcurrencyHelpers

/// Standard output on a terminal, which a key or a frozen window can stop.
///
/// The text that it does not take is lost: a loop that waited for it would keep all its games waiting too, and a drain would
/// not even begin.
struct TerminalStream: TextOutputStream, Sendable {
    private let descriptor: Int32

    /// - Parameter descriptor: the terminal; it may be shared with other processes.
    init(descriptor: Int32 = STDOUT_FILENO) {
        // Opened anew, since whether it waits is a property that all who have inherited the descriptor share.
        let flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        let own = unsafe open("/proc/self/fd/\(descriptor)", flags)
        self.descriptor = own >= 0 ? own : descriptor
    }

    /// A terminal refuses, rather than waits, while another thread writes to it.
    private static let writing = NIOLock()

    mutating func write(_ text: String) {
        var text = text
        TerminalStream.writing.withLock {
            // Where it could not be opened anew, the most frequent reason to wait: somebody has stopped it.
            var target = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard unsafe poll(&target, 1, 0) == 1, target.revents & Int16(POLLOUT) != 0 else { return }
            // One call for the whole text, so that it does not mix with other processes' either.
            _ = text.withUTF8 { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        }
    }
}
