/// The parts that the loops of one engine share: each other's mailboxes, and the counts of the bytes and sockets they
/// hold.
package final class LoopGroup<Handler: ConnectionHandler>: Sendable {
    let mailboxes: [Mailbox<Handler>]
    let ledger: BufferLedger
    let sockets = SocketCounters()

    package init(loops: Int) throws(SystemError) {
        var mailboxes: [Mailbox<Handler>] = []
        for _ in 0..<loops { mailboxes.append(try Mailbox()) }
        self.mailboxes = mailboxes
        self.ledger = BufferLedger(loops: loops)
    }

    var count: Int { mailboxes.count }

    /// Tells all loops to close every connection in this mode, and end. Another call replaces the mode.
    package func beginShutdown(_ mode: ShutdownMode) {
        for mailbox in mailboxes { mailbox.post(.shutdown(mode)) }
    }
}
