import Testing

@testable import RelayEngine

@Suite("Blocks that nobody holds")
struct BufferPoolTests {
    @Test(
        "a block is the smallest power of two, from 4 KiB on, that holds what is asked for",
        arguments: [
            (0, 4_096), (1, 4_096), (4_095, 4_096), (4_096, 4_096), (4_097, 8_192), (8_192, 8_192), (8_193, 16_384),
            (65_536, 65_536), (65_537, 131_072), (5_000_000, 8_388_608),
        ])
    func capacity(asked: Int, given: Int) {
        #expect(BufferPool.capacity(for: asked) == given)
    }

    @Test("a block given back is the next one taken of its size", arguments: [4_096, 8_192, 16_384, 32_768, 65_536])
    func reuses(capacity: Int) {
        var pool = BufferPool()
        let first = unsafe pool.take(capacity: capacity)
        unsafe pool.giveBack(first, capacity: capacity)
        let keptBetween = pool.bytesKept
        let second = unsafe pool.take(capacity: capacity)
        let (kept, isSame) = (pool.bytesKept, unsafe first == second)
        unsafe pool.giveBack(second, capacity: capacity)
        #expect(keptBetween == capacity)
        #expect(kept == 0)
        #expect(isSame)
    }

    @Test("a block serves only requests of its own size")
    func keepsSizesApart() {
        var pool = BufferPool()
        let large = unsafe pool.take(capacity: 8_192)
        unsafe pool.giveBack(large, capacity: 8_192)
        let small = unsafe pool.take(capacity: 4_096)
        let (kept, isSame) = (pool.bytesKept, unsafe small == large)
        unsafe pool.giveBack(small, capacity: 4_096)
        #expect(kept == 8_192)
        #expect(!isSame)
    }

    @Test("a block beyond 64 KiB is not kept")
    func returnsLargeBlocks() {
        var pool = BufferPool()
        let block = unsafe pool.take(capacity: 131_072)
        unsafe pool.giveBack(block, capacity: 131_072)
        let kept = pool.bytesKept
        #expect(kept == 0)
    }

    @Test("four mebibytes are kept and no more, whatever is given back", arguments: [4_096, 16_384, 65_536])
    func isBounded(capacity: Int) {
        var pool = BufferPool()
        var blocks: [UnsafeMutableRawPointer] = unsafe []
        for _ in 0..<(2 * BufferPool.mostBytesKept / capacity) { unsafe blocks.append(pool.take(capacity: capacity)) }
        unsafe blocks.forEach { unsafe pool.giveBack($0, capacity: capacity) }
        let kept = pool.bytesKept
        #expect(kept == 4 << 20)
    }

    @Test(
        "a trim frees what has lain unused since the last one",
        arguments: [
            // Blocks taken at once after the first trim, and the blocks that the next trim leaves.
            (0, 0), (1, 1), (3, 3), (8, 8), (10, 10),
        ])
    func trims(taken: Int, left: Int) {
        var pool = BufferPool()
        let first = unsafe (0..<8).map { _ in unsafe pool.take(capacity: 8_192) }
        unsafe first.forEach { unsafe pool.giveBack($0, capacity: 8_192) }
        // They were all in use since the beginning.
        pool.trim()
        let kept = pool.bytesKept
        let second = unsafe (0..<taken).map { _ in unsafe pool.take(capacity: 8_192) }
        unsafe second.forEach { unsafe pool.giveBack($0, capacity: 8_192) }
        pool.trim()
        let after = pool.bytesKept
        pool.trim()
        let atLast = pool.bytesKept
        #expect(kept == 8 * 8_192)
        #expect(after == left * 8_192)
        #expect(atLast == 0)
    }

    @Test("an emptied pool keeps nothing, and serves as before")
    func empties() {
        var pool = BufferPool()
        for capacity in [4_096, 65_536, 4_096] {
            let blocks = unsafe (0..<3).map { _ in unsafe pool.take(capacity: capacity) }
            unsafe blocks.forEach { unsafe pool.giveBack($0, capacity: capacity) }
        }
        pool.empty()
        let kept = pool.bytesKept
        let block = unsafe pool.take(capacity: 4_096)
        unsafe pool.giveBack(block, capacity: 4_096)
        let keptAfter = pool.bytesKept
        #expect(kept == 0)
        #expect(keptAfter == 4_096)
    }
}
