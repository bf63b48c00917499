internal import CLinux
internal import Glibc
internal import NIOConcurrencyHelpers

/// What one loop may be told by another thread.
enum Letter: Sendable {
    /// A connection that now belongs to the receiver.
    case connection(Migration)
    /// What a parked request has waited for.
    case errandDone(ErrandResult)
    /// The process holds too many bytes, and most of them are the receiver's.
    case shedLoad
    /// Close every connection and end the thread.
    case stop(Farewell)
}

/// A connection on its way to another loop, with what its new handler is to do first.
///
/// `@unchecked Sendable`: the sending loop has taken the connection out of its table, its epoll set and its lists
/// and drops its last reference by posting it, and the mailbox's lock orders that before the receiver's first touch.
struct Migration: @unchecked Sendable {
    let connection: Connection
    let cargo: (any ConnectionCargo)?
}

/// The only door into a loop from another thread: letters under a lock, and an eventfd that wakes the loop.
final class Mailbox: Sendable {
    /// Readable when letters wait. Owned by the mailbox.
    let descriptor: Int32
    // Not the standard library's `Mutex`, which ThreadSanitizer does not see on Linux: this lock orders each hand-over
    // of a connection, and that is what the sanitizer is to check.
    private let letters = NIOLockedValueBox<[Letter]>([])

    init() throws(SystemError) {
        descriptor = eventfd(0, CLINUX_EFD_FLAGS)
        guard descriptor >= 0 else { throw SystemError("eventfd") }
    }

    deinit {
        close(descriptor)
    }

    func post(_ letter: consuming Letter) {
        let letter = letter
        let isFirst = letters.withLockedValue { letters in
            letters.append(letter)
            return letters.count == 1
        }
        // Letters behind the first are found by the same wake-up.
        if isFirst { _ = eventfd_write(descriptor, 1) }
    }

    /// Takes all letters, oldest first, and silences the wake-up.
    func collect() -> [Letter] {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(descriptor, &count)
        return letters.withLockedValue { letters in
            defer { letters.removeAll() }
            return letters
        }
    }
}
