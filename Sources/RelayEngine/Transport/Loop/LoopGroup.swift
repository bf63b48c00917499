/// The parts that the loops of one engine share: each other's mailboxes, and the counts of the bytes and sockets they hold.
package final class LoopGroup: Sendable {
    let mailboxes: [Mailbox]
    let ledger: BufferLedger
    let sockets = SocketCounters()

    package init(loops: Int) throws(SystemError) {
        var mailboxes: [Mailbox] = []
        for _ in 0..<loops { mailboxes.append(try Mailbox()) }
        self.mailboxes = mailboxes
        self.ledger = BufferLedger(loops: loops)
    }

    var count: Int { mailboxes.count }
}
