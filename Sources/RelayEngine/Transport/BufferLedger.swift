internal import Synchronization

/// How many bytes each loop holds for its connections, so that the process as a whole stays within a bound.
///
/// Each loop writes its own entry; any loop may read all.
final class BufferLedger: Sendable {
    private let loops: [Entry]

    private final class Entry: Sendable {
        let bytes = Atomic<Int>(0)
    }

    init(loops: Int) {
        self.loops = (0..<loops).map { _ in Entry() }
    }

    func record(_ bytes: Int, of loop: Int) {
        loops[loop].bytes.store(bytes, ordering: .relaxed)
    }

    var total: Int {
        loops.reduce(0) { $0 + $1.bytes.load(ordering: .relaxed) }
    }

    /// The loop that holds most.
    var heaviest: Int {
        loops.indices.max { loops[$0].bytes.load(ordering: .relaxed) < loops[$1].bytes.load(ordering: .relaxed) } ?? 0
    }
}

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
