import Testing

@testable import RelayEngine

@Suite("Memory for large messages")
struct LargeBlockTests {
    /// Gives a block back, and tells whether the next one of this size is the same.
    private static func isReused(_ given: Int, for wanted: Int) -> Bool {
        LargeBlock.freeKept()
        let (first, capacity) = unsafe LargeBlock.take(given)
        unsafe LargeBlock.giveBack(first, capacity: capacity)
        let (second, _) = unsafe LargeBlock.take(wanted)
        let isSame = unsafe first == second
        unsafe LargeBlock.giveBack(second, capacity: isSame ? capacity : wanted)
        LargeBlock.freeKept()
        return isSame
    }

    @Test(
        "a block given back serves the next that needs at least half of it",
        arguments: [(200_000, 200_000), (200_000, 150_000), (200_000, 100_000)])
    func reuses(given: Int, wanted: Int) {
        #expect(Self.isReused(given, for: wanted))
    }

    @Test(
        "what grows gets the largest of up to sixteen times its size",
        arguments: [
            ([100_000, 200_000], 100_000, 200_000), ([200_000, 100_000], 100_000, 200_000),
            ([1_600_000], 100_000, 1_600_000), ([1_600_001], 100_000, 100_000), ([99_999], 100_000, 100_000),
            ([], 100_000, 100_000), ([200_000], LargeBlock.smallest - 1, LargeBlock.smallest - 1),
        ] as [([Int], Int, Int)])
    func grows(kept: [Int], wanted: Int, expected: Int) {
        LargeBlock.freeKept()
        let blocks = unsafe kept.map { unsafe LargeBlock.take($0) }
        unsafe blocks.forEach { unsafe LargeBlock.giveBack($0.memory, capacity: $0.capacity) }
        let (block, capacity) = unsafe LargeBlock.takeToGrow(wanted)
        unsafe LargeBlock.giveBack(block, capacity: capacity)
        LargeBlock.freeKept()
        #expect(capacity == expected)
    }

    @Test("the blocks of a message that has doubled until it was whole are all kept")
    func keepsAllSizes() {
        LargeBlock.freeKept()
        let sizes = (0..<5).map { LargeBlock.smallest << $0 }
        let blocks = unsafe sizes.map { unsafe LargeBlock.take($0) }
        unsafe blocks.forEach { unsafe LargeBlock.giveBack($0.memory, capacity: $0.capacity) }
        let kept = LargeBlock.keptBytes
        LargeBlock.freeKept()
        #expect(kept == sizes.reduce(0, +))
    }

    @Test("what is kept is counted, bounded, and freed once nobody has needed it for a while")
    func keeps() {
        LargeBlock.freeKept()
        let blocks = unsafe (0..<6).map { _ in unsafe LargeBlock.take(1 << 20).memory }
        unsafe blocks.forEach { unsafe LargeBlock.giveBack($0, capacity: 1 << 20) }
        let kept = LargeBlock.keptBytes
        let (block, capacity) = unsafe LargeBlock.take(1 << 20)
        let keptMeanwhile = LargeBlock.keptBytes
        unsafe LargeBlock.giveBack(block, capacity: capacity)
        LargeBlock.trim()
        let keptAfterUse = LargeBlock.keptBytes
        LargeBlock.trim()
        let keptAtLast = LargeBlock.keptBytes
        #expect(kept == 4 << 20)
        #expect(keptMeanwhile == 3 << 20)
        #expect(keptAfterUse == 4 << 20)
        #expect(keptAtLast == 0)
    }

    @Test("small blocks are the heap's, and never kept", arguments: [1, 4_096, LargeBlock.smallest - 1])
    func small(size: Int) {
        LargeBlock.freeKept()
        let (block, capacity) = unsafe LargeBlock.take(size)
        unsafe LargeBlock.giveBack(block, capacity: capacity)
        #expect(capacity == size)
        #expect(LargeBlock.keptBytes == 0)
    }
}
