import Testing

@testable import RelayEngine

@Suite("The share of a turn that one connection gets")
struct TurnShareTests {
    @Test(
        "the more are ready, the less each gets, between bounds",
        arguments: [
            (0, 65_536, 2_000), (1, 65_536, 2_000), (4, 65_536, 2_000), (5, 65_536, 1_600), (32, 65_536, 250),
            (64, 32_768, 125), (125, 16_777, 64), (512, 4_096, 64), (100_000, 4_096, 64),
        ])
    func share(ready: Int, bytes: Int, sends: Int) {
        let share = TurnShare(ready: ready)
        #expect(share.bytes == bytes)
        #expect(share.sends == sends)
    }
}
