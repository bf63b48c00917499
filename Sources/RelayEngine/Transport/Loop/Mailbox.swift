internal import CLinux
internal import Glibc
internal import NIOConcurrencyHelpers
internal import Synchronization

/// A message to a loop from another thread.
enum LoopMessage<Handler: ConnectionHandler>: Sendable {
    /// A connection that now belongs to the receiver.
    case connection(Migration<Handler>)
    /// The answer that a parked request waits for.
    case lookupDone(LookupResult<Handler.LookupAnswer>)
    /// An order to the handler.
    case command(Handler.Command)
    /// The process holds too many bytes, and the receiver most of them.
    case shedLoad
    /// Others must pause for memory: unfinished input on which nothing happens is to go.
    case shedStaleInput
    /// Close every connection and end the thread.
    case shutdown(ShutdownMode)

    var isShutdown: Bool {
        if case .shutdown = self { true } else { false }
    }
}

/// A connection on its way to another loop, with the payload that its new handler handles first.
///
/// `@unchecked Sendable`: it is made at the end of a turn, when no caller holds the connection, by the one function
/// that takes it out of the table, the epoll set and the lists. From there on the sender reads and writes nothing of it,
/// and the mailbox's lock orders all earlier accesses before the receiver's first. References are counted atomically, so
/// it is the same which thread lets go of the last one.
struct Migration<Handler: ConnectionHandler>: @unchecked Sendable {
    let connection: Connection<Handler>
    let payload: Handler.Payload?

    init(_ connection: consuming Connection<Handler>, payload: Handler.Payload?) {
        self.connection = connection
        self.payload = payload
    }
}

/// The only way into a loop from another thread: messages under a lock, and an eventfd that wakes the loop.
final class Mailbox<Handler: ConnectionHandler>: Sendable {
    /// Readable while messages wait. Owned by the mailbox.
    let descriptor: Int32
    // Not the standard library's `Mutex`, which ThreadSanitizer does not see on Linux: this lock orders each hand-over
    // of a connection, which the sanitizer must be able to check.
    private let messages = NIOLockedValueBox(Messages())
    private let hasUnannounced = Atomic<Bool>(false)

    private struct Messages {
        var waiting: [LoopMessage<Handler>] = []
        /// True once the loop has ended and collects no more messages.
        var isClosed = false
        /// True from a wake-up until the loop collects: one serves all messages that wait.
        var hasWoken = false
    }

    /// The wake-ups tried for one message, of which each may fail for a reason that passes.
    private static var wakeUps: Int { 8 }

    init() throws(SystemError) {
        descriptor = eventfd(0, CLINUX_EFD_FLAGS)
        guard descriptor >= 0 else { throw SystemError("eventfd") }
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// - Returns: the message, if the loop will not take it: it has ended, or the kernel fails to wake it up. A shutdown
    ///   is kept even then, for when it wakes up by itself.
    @discardableResult
    func post(_ message: consuming LoopMessage<Handler>) -> LoopMessage<Handler>? {
        var message: LoopMessage<Handler>? = message
        messages.withLockedValue { messages in
            guard !messages.isClosed else { return }
            // Under the lock, so that no message is left behind on the strength of a wake-up that has failed.
            messages.hasWoken = messages.hasWoken || wake()
            guard messages.hasWoken || message?.isShutdown == true, let taken = message.take() else { return }
            messages.waiting.append(taken)
            hasUnannounced.store(!messages.hasWoken, ordering: .relaxed)
        }
        return message
    }

    private func wake() -> Bool {
        for _ in 0..<Mailbox.wakeUps {
            // With the counter at its most, the descriptor is readable already.
            if eventfd_write(descriptor, 1) == 0 || errno == EAGAIN { return true }
        }
        return false
    }

    /// True if a message waits for which the loop could not be woken up. Any thread may ask.
    var mustBeLookedInto: Bool { hasUnannounced.load(ordering: .relaxed) }

    /// Takes all messages, oldest first, and clears the wake-up.
    func collect() -> [LoopMessage<Handler>] {
        var count: eventfd_t = 0
        _ = unsafe eventfd_read(descriptor, &count)
        return messages.withLockedValue { messages in
            messages.hasWoken = false
            hasUnannounced.store(false, ordering: .relaxed)
            defer { messages.waiting.removeAll() }
            return messages.waiting
        }
    }

    /// Refuses messages from here on.
    ///
    /// - Returns: the messages that were not collected.
    func close() -> [LoopMessage<Handler>] {
        messages.withLockedValue { messages in
            messages.isClosed = true
            defer { messages.waiting.removeAll() }
            return messages.waiting
        }
    }
}
