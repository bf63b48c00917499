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

    /// What is kept when a message needs a block, how much it needs now and in all, and the block that it gets.
    struct Growth {
        let kept: [Int]
        let wanted: Int
        let all: Int
        let given: Int
    }

    private static let growths = [
        Growth(kept: [100_000, 200_000], wanted: 100_000, all: .max, given: 200_000),
        Growth(kept: [200_000, 100_000], wanted: 100_000, all: .max, given: 200_000),
        Growth(kept: [1_600_000], wanted: 100_000, all: .max, given: 1_600_000),
        Growth(kept: [1_600_001], wanted: 100_000, all: .max, given: 100_000),
        Growth(kept: [1_000_000, 400_000], wanted: 100_000, all: 400_000, given: 400_000),
        Growth(kept: [1_000_000, 200_000], wanted: 100_000, all: 100_000, given: 200_000),
        Growth(kept: [1_000_000], wanted: 100_000, all: 100_000, given: 100_000),
        Growth(kept: [99_999], wanted: 100_000, all: .max, given: 100_000),
        Growth(kept: [], wanted: 100_000, all: .max, given: 100_000),
        Growth(kept: [200_000], wanted: LargeBlock.smallest - 1, all: .max, given: LargeBlock.smallest - 1),
    ]

    @Test(
        "what grows gets the largest of up to sixteen times its size, and of up to the size that it will have",
        arguments: growths)
    func grows(growth: Growth) {
        LargeBlock.freeKept()
        let blocks = unsafe growth.kept.map { unsafe LargeBlock.take($0) }
        unsafe blocks.forEach { unsafe LargeBlock.giveBack($0.memory, capacity: $0.capacity) }
        let (block, capacity) = unsafe LargeBlock.take(growth.wanted, of: growth.all)
        unsafe LargeBlock.giveBack(block, capacity: capacity)
        LargeBlock.freeKept()
        #expect(capacity == growth.given)
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
