/// What the loops of one engine share: each other's mailboxes, and the count of the bytes they hold.
package final class LoopGroup: Sendable {
    let mailboxes: [Mailbox]
    let ledger: BufferLedger

    package init(loops: Int) throws(SystemError) {
        var mailboxes: [Mailbox] = []
        for _ in 0..<loops { mailboxes.append(try Mailbox()) }
        self.mailboxes = mailboxes
        self.ledger = BufferLedger(loops: loops)
    }

    var count: Int { mailboxes.count }
}
