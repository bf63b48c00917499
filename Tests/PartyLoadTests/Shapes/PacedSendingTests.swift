import Testing

@testable import party_load

@Suite("The sending of an open loop")
struct PacedSendingTests {
    /// Three senders, each once a second: a message every third of a second from 3 s on.
    private static func sending() -> PacedSending {
        var sending = PacedSending(rate: 1, senders: 3)
        sending.begin(at: 3_000_000_000)
        return sending
    }

    private static func due(_ sending: inout PacedSending, at milliseconds: UInt64) -> [Int] {
        var senders: [Int] = []
        while let sender = sending.popDue(at: milliseconds * 1_000_000) { senders.append(sender) }
        return senders
    }

    @Test("all messages due are taken at once, in the order of their senders")
    func order() {
        var sending = Self.sending()
        #expect(Self.due(&sending, at: 2_999) == [])
        #expect(Self.due(&sending, at: 3_000) == [0])
        #expect(Self.due(&sending, at: 3_333) == [])
        #expect(Self.due(&sending, at: 4_400) == [1, 2, 0, 1])
        #expect(sending.nextDue == sending.due(1, of: 2))
        #expect((0..<3).map { sending.count(of: $0) } == [2, 2, 1])
    }

    @Test("a message counts as sent once it was taken", arguments: [(0, 0), (1, 1), (1, 0), (0, 2)])
    func sent(message: Int, sender: Int) {
        var sending = Self.sending()
        while !sending.hasSent(message, of: sender) { _ = sending.popDue(at: .max - 1) }
        #expect((0..<3).reduce(0) { $0 + sending.count(of: $1) } == message * 3 + sender + 1)
        #expect(!sending.hasSent(message + 1, of: sender))
    }

    @Test("nothing is due before it begins and after it has stopped")
    func stopped() {
        var sending = PacedSending(rate: 1, senders: 3)
        #expect(!sending.isRunning)
        #expect(sending.popDue(at: .max - 1) == nil)
        sending.begin(at: 5)
        #expect(sending.isRunning)
        #expect(sending.popDue(at: 5) == 0)
        sending.stop()
        #expect(!sending.isRunning)
        #expect(sending.popDue(at: .max - 1) == nil)
        #expect(sending.count(of: 0) == 1)
    }
}
