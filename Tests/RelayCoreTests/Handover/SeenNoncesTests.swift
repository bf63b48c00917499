import TestSupport
import Testing

@testable import RelayCore

@Suite("Orders that were seen before")
struct SeenNoncesTests {
    /// A machine's memory, which changes within what is expected of it.
    private final class Machine {
        private var nonces = SeenNonces()

        func admit(_ nonce: HandoverOrder.Nonce, now: Int) -> Bool {
            nonces.admit(nonce, now: now)
        }
    }

    static func nonce(_ number: Int) -> HandoverOrder.Nonce {
        HandoverOrder.Nonce(high: 7, low: UInt64(number))
    }

    @Test("an order is followed once")
    func once() {
        let machine = Machine()
        #expect(machine.admit(Self.nonce(1), now: 1_000))
        #expect(!machine.admit(Self.nonce(1), now: 1_000))
        #expect(machine.admit(Self.nonce(2), now: 1_000))
        #expect(machine.admit(HandoverOrder.Nonce(high: 8, low: 1), now: 1_000))
    }

    @Test("as long as an order passes for timely, its copy is known", arguments: 1...20 as ClosedRange<UInt64>)
    func window(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        let machine = Machine()
        var now = 1_700_000_000
        var admitted: [(nonce: HandoverOrder.Nonce, time: Int)] = []
        for number in 0..<300 {
            now += dice.roll(40)
            // Signed by a clock that may be a minute off, in both directions.
            let time = now - 60 + dice.roll(121)
            #expect(machine.admit(Self.nonce(number), now: now))
            admitted.append((Self.nonce(number), time))
            for order in admitted where abs(now - order.time) <= HandoverSignature.window {
                #expect(!machine.admit(order.nonce, now: now))
            }
        }
    }

    @Test("a full table refuses, until the oldest orders have become untimely")
    func full() {
        let machine = Machine()
        for number in 0..<SeenNonces.mostInGeneration { #expect(machine.admit(Self.nonce(number), now: 1_000)) }
        #expect(!machine.admit(Self.nonce(1_000_000), now: 1_000))
        #expect(machine.admit(Self.nonce(1_000_000), now: 1_120))
        #expect(!machine.admit(Self.nonce(0), now: 1_120))
        #expect(machine.admit(Self.nonce(0), now: 1_240))
    }

    @Test("a clock that is set back makes no order new")
    func setBack() {
        let machine = Machine()
        #expect(machine.admit(Self.nonce(1), now: 10_000))
        #expect(!machine.admit(Self.nonce(1), now: 5_000))
        #expect(!machine.admit(Self.nonce(1), now: 10_010))
    }
}
