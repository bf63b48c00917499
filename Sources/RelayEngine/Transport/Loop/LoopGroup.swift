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

    /// Tells all loops to close every connection in this mode, and end. Another call replaces the mode.
    package func beginShutdown(_ mode: ShutdownMode) {
        for mailbox in mailboxes { mailbox.post(.shutdown(mode)) }
    }
}
