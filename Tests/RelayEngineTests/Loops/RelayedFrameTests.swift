import Testing

@testable import RelayEngine

@Suite("The memory of relayed frames")
struct RelayedFrameTests {
    @Test("a frame has room, and memory that is kept is never more than what may be kept")
    func bounds() {
        let kept = RelayLoop.largestKeptRelayed
        for length in [1, 511, 512, 513, 70_000, 742_742, 900_000, kept - 1, kept] {
            #expect((length...kept).contains(RelayLoop.roomForRelayed(length)))
        }
        // What is freed after use takes no byte more than it needs.
        for length in [kept + 1, 2 << 20] { #expect(RelayLoop.roomForRelayed(length) == length) }
    }

    @Test("frames that become longer and longer take new memory a few times, not each time")
    func growth() {
        var (room, times) = (0, 0)
        for length in stride(from: 40, through: RelayLoop.largestKeptRelayed, by: 100) where room < length {
            room = RelayLoop.roomForRelayed(length)
            times += 1
        }
        #expect(times < 25)
    }
}
