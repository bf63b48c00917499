import Testing

@testable import RelayEngine

@Suite("The silence of a peer, and what its kernel acknowledges")
struct SilenceTests {
    private static let second = MonotonicClock.nanosecondsPerSecond
    private static let start = 1_000 * second

    /// A look at a peer that has been silent from the start on, with a timeout of 20 s.
    private struct Look {
        /// Seconds since the last byte from it.
        let at: UInt64
        var acknowledged: UInt32 = 0
        var outstanding = 0
        var held = 0
        /// Seconds since its last acknowledgement.
        var quiet: UInt64 = 0
        let comesTo: ConnectionTimes.Silence
        /// The moment of the next look, in milliseconds; 0 if there is none.
        var next: UInt64 = 0
    }

    @Test(
        "who acknowledges what is before the ping is alive, and has half of the timeout for its pong from then on",
        arguments: [
            // Nothing waits: an answer is due at the end of the timeout, whatever the kernel acknowledges alone.
            [
                Look(at: 10, acknowledged: 500, comesTo: .ping, next: 20_000),
                Look(at: 20, acknowledged: 502, comesTo: .isOver),
            ],
            [
                Look(at: 10, acknowledged: 500, comesTo: .ping, next: 20_000),
                Look(at: 20, acknowledged: 9_502, outstanding: 80, comesTo: .isOver),
            ],
            // A large message, read without a pause.
            [
                Look(at: 10, acknowledged: 500_000, outstanding: 500_000, held: 400_000, comesTo: .ping, next: 12_500),
                Look(
                    at: 13, acknowledged: 700_000, outstanding: 300_002, held: 200_000, comesTo: .goesOn, next: 15_500),
                Look(at: 16, acknowledged: 1_000_001, outstanding: 1, comesTo: .goesOn, next: 18_500),
                Look(at: 19, acknowledged: 1_000_002, comesTo: .goesOn, next: 29_000),
                Look(at: 29, acknowledged: 1_000_002, comesTo: .isOver),
            ],
            // Messages are in flight as the ping goes out: no more than a moment's delay.
            [
                Look(at: 10, acknowledged: 500, outstanding: 60, comesTo: .ping, next: 12_500),
                Look(at: 13, acknowledged: 700, outstanding: 60, comesTo: .goesOn, next: 23_000),
                Look(at: 23, acknowledged: 900, outstanding: 60, comesTo: .isOver),
            ],
            // It stops reading on the way, for longer and longer, and at last for all of the timeout.
            [
                Look(at: 10, acknowledged: 100, outstanding: 900, held: 900, comesTo: .ping, next: 12_500),
                Look(at: 27, acknowledged: 300, outstanding: 702, held: 702, quiet: 6, comesTo: .goesOn, next: 29_500),
                Look(at: 40, acknowledged: 300, outstanding: 702, held: 702, quiet: 1, comesTo: .goesOn, next: 42_500),
                Look(at: 41, acknowledged: 300, outstanding: 702, held: 702, comesTo: .isOverWithOutput),
            ],
            // It is gone, with output on its way.
            [
                Look(at: 10, acknowledged: 300, outstanding: 60, quiet: 9, comesTo: .ping, next: 12_500),
                Look(at: 20, acknowledged: 300, outstanding: 162, quiet: 19, comesTo: .goesOn, next: 22_500),
                Look(at: 21, acknowledged: 300, outstanding: 162, quiet: 20, comesTo: .isOverWithOutput),
            ],
            // It has the ping, and reads on, more than its kernel takes for it.
            [
                Look(at: 10, acknowledged: 300, comesTo: .ping, next: 20_000),
                Look(at: 20, acknowledged: 9_000, outstanding: 5_000, held: 4_000, comesTo: .goesOn, next: 30_000),
                Look(at: 30, acknowledged: 9_000, outstanding: 9_000, held: 8_000, comesTo: .isOverWithOutput),
            ],
            // Positions are counted beyond 2^32.
            [
                Look(at: 10, acknowledged: .max - 3, outstanding: 10, held: 10, comesTo: .ping, next: 12_500),
                Look(at: 13, acknowledged: 3, outstanding: 5, held: 5, comesTo: .goesOn, next: 15_500),
                Look(at: 16, acknowledged: 8, comesTo: .goesOn, next: 26_000),
            ],
        ] as [[Look]])
    private func looks(looks: [Look]) {
        var times = ConnectionTimes(now: Self.start)
        for look in looks {
            let now = Self.start + look.at * Self.second
            let output = SendProgress(
                acknowledged: look.acknowledged, outstanding: look.outstanding, held: look.held,
                quiet: look.quiet * Self.second)
            let outcome = times.judgeSilence(at: now, idleTimeout: 20, output)
            #expect(outcome == look.comesTo, "\(look)")
            if outcome == .ping { times.pinged(at: now, bytes: 2, behind: output) }
            guard look.next > 0 else { continue }
            #expect(times.silenceEnds(idleTimeout: 20) == Self.start + look.next * 1_000_000, "\(look)")
        }
    }

    @Test("a byte from the peer ends the wait for the ping, wherever that is")
    func bytes() {
        var times = ConnectionTimes(now: Self.start)
        times.pinged(at: Self.start, bytes: 2, behind: SendProgress(outstanding: 100, held: 100))
        times.bytesArrived(at: Self.start + Self.second)
        #expect(!times.awaitsPong)
        #expect(times.silenceEnds(idleTimeout: 20) == Self.start + 11 * Self.second)
        let next = times.judgeSilence(at: Self.start + 11 * Self.second, idleTimeout: 20, SendProgress())
        #expect(next == .ping)
    }

    @Test(
        "a close has more time as long as its peer reads what it was sent",
        arguments: [
            (5, 100, 0, true), (5, 0, 0, false), (0, 100, 0, false), (5, 100, 2, true), (5, 100, 3, false),
        ] as [(UInt32, Int, UInt64, Bool)])
    func closing(acknowledged: UInt32, outstanding: Int, quiet: UInt64, goesOn: Bool) {
        var times = ConnectionTimes(now: Self.start)
        let output = SendProgress(
            acknowledged: acknowledged, outstanding: outstanding, quiet: quiet * Self.second)
        let (first, second) = (
            times.mayGoOnClosing(at: Self.start, for: 3 * Self.second, output),
            times.mayGoOnClosing(at: Self.start, for: 3 * Self.second, output)
        )
        #expect(first == goesOn && !second)
    }

    @Test("a close ends, however slowly its peer reads")
    func longClose() {
        var times = ConnectionTimes(now: Self.start)
        var extensions: UInt32 = 0
        while extensions < 1_000,
            times.mayGoOnClosing(
                at: Self.start, for: Self.second, SendProgress(acknowledged: extensions + 1, outstanding: 100))
        { extensions += 1 }
        #expect(extensions == UInt32(TransportSettings.mostCloseExtensions))
    }
}
