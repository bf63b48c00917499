import RelayLimits
import Testing

@testable import RelayEngine

@Suite("Mail between loops")
struct MailboxTests {
    /// A letter that can be told from others.
    private static func letter(_ number: UInt64) -> LoopMessage<ScriptedHandler> {
        let key = ConnectionKey(descriptor: 0, serial: number)
        return .connection(
            Migration(ScriptedConnection(key: key, peer: ClientAddress(ipv4: 0), now: 0), payload: nil))
    }

    private static func number(_ letter: LoopMessage<ScriptedHandler>) -> UInt64? {
        guard case .connection(let migration) = letter else { return nil }
        return migration.connection.key.rawValue >> 24
    }

    @Test("the wake-up is readable exactly while letters wait")
    func wakesUp() throws {
        let mailbox = try Mailbox<ScriptedHandler>()
        #expect(!isReadable(mailbox.descriptor))
        for _ in 0..<2 {
            mailbox.post(.shedLoad)
            #expect(isReadable(mailbox.descriptor))
            mailbox.post(.shutdown(.atOnce))
            #expect(isReadable(mailbox.descriptor))
            #expect(mailbox.collect().count == 2)
            #expect(!isReadable(mailbox.descriptor))
            #expect(mailbox.collect().isEmpty)
        }
    }

    @Test("letters are collected in the order in which they were posted")
    func keepsOrder() throws {
        let mailbox = try Mailbox<ScriptedHandler>()
        for number in 0..<5 { mailbox.post(MailboxTests.letter(UInt64(number))) }
        #expect(mailbox.collect().map(MailboxTests.number) == [0, 1, 2, 3, 4])
    }

    @Test("of what several threads post nothing is lost, and each thread's letters stay in order")
    func losesNothing() async throws {
        let (threads, letters) = (4, 2_000)
        let mailbox = try Mailbox<ScriptedHandler>()
        let received = await withTaskGroup(of: [UInt64].self) { group in
            for thread in 0..<threads {
                group.addTask {
                    for number in 0..<letters { mailbox.post(MailboxTests.letter(UInt64(thread << 16 | number))) }
                    return []
                }
            }
            group.addTask { await MailboxTests.collect(threads * letters, from: mailbox) }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(received.count == threads * letters)
        for thread in 0..<threads {
            let own = received.filter { $0 >> 16 == UInt64(thread) }.map { Int($0 & 0xFFFF) }
            #expect(own == Array(0..<letters))
        }
    }

    /// Collects as a loop does: only when woken up. Gives up after ten seconds.
    private static func collect(_ count: Int, from mailbox: Mailbox<ScriptedHandler>) async -> [UInt64] {
        let giveUp = ContinuousClock.now + .seconds(10)
        var received: [UInt64] = []
        while received.count < count, ContinuousClock.now < giveUp {
            if isReadable(mailbox.descriptor) {
                received += mailbox.collect().compactMap(number)
            } else {
                await Task.yield()
            }
        }
        return received
    }
}

@Suite("Bytes held by the loops")
struct BufferLedgerTests {
    @Test("the total is the sum of what each loop said last, and the heaviest loop is the one with most")
    func sums() {
        let ledger = BufferLedger(loops: 3)
        #expect(ledger.total == 0)
        ledger.record(10, of: 0)
        ledger.record(500, of: 1)
        ledger.record(40, of: 2)
        #expect(ledger.total == 550)
        #expect(ledger.heaviest == 1)
        ledger.record(5, of: 1)
        #expect(ledger.total == 55)
        #expect(ledger.heaviest == 2)
    }

    @Test("each loop of a group has a mailbox of its own", arguments: [1, 4])
    func groups(loops: Int) throws {
        let group = try LoopGroup<ScriptedHandler>(loops: loops)
        #expect(group.count == loops)
        #expect(Set(group.mailboxes.map(\.descriptor)).count == loops)
    }
}
