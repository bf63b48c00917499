import Testing

@testable import RelayEngine

@Suite("Free blocks of a loop")
struct FreeBlocksTests {
    @Test(
        "they are kept at the end of a turn, unless senders have to pause for memory",
        arguments: [(500_000, 500_000), (900_000, 0)])
    func makeWay(kept: Int, left: Int) throws {
        let stepped = try SteppedLoop { $0.maxBufferedBytes = 1 << 20 }
        let (block, capacity) = unsafe LargeBlock.take(kept)
        unsafe LargeBlock.giveBack(block, capacity: capacity)
        stepped.turn()
        let (keptAfter, counted) = (LargeBlock.keptBytes, stepped.loop.group.ledger.total)
        LargeBlock.freeKept()
        #expect(keptAfter == left)
        #expect(counted == left)
    }
}
