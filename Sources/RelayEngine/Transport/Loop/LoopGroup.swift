/// The parts that the loops of one engine share: each other's mailboxes, and the counts of the bytes and sockets they
/// hold, in all and by peer.
package final class LoopGroup<Handler: ConnectionHandler>: Sendable {
    let mailboxes: [Mailbox<Handler>]
    let ledger: BufferLedger
    let sockets = SocketCounters()
    let peers: PeerSockets

    /// - Parameter peers: bounds the sockets of one peer; by default it may have any number.
    package init(loops: Int, peers: PeerSockets = PeerSockets(most: 0)) throws(SystemError) {
        var mailboxes: [Mailbox<Handler>] = []
        for _ in 0..<loops { mailboxes.append(try Mailbox()) }
        self.mailboxes = mailboxes
        self.ledger = BufferLedger(loops: loops)
        self.peers = peers
    }

    var count: Int { mailboxes.count }

    /// Gives a loop a command. Any thread may call it.
    ///
    /// - Returns: true if the handler will get the command, to perform it, or as one that was dropped; false if the loop
    ///   has ended or cannot be woken up: then the command is gone, and nobody must wait for it.
    package func post(_ command: Handler.Command, toLoop index: Int) -> Bool {
        mailboxes[index].post(.command(command)) == nil
    }

    /// Tells all loops to close every connection in this mode, and end. Another call replaces the mode.
    package func beginShutdown(_ mode: ShutdownMode) {
        for mailbox in mailboxes { mailbox.post(.shutdown(mode)) }
    }
}
