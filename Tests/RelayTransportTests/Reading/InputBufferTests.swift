import TestSupport
import Testing

@testable import RelayEngine

@Suite("What has not arrived whole")
struct InputBufferTests {
    @Test(
        "whatever is kept, read and consumed in whatever order, the buffer holds the bytes that a plain array holds",
        arguments: 1...16 as ClosedRange<UInt64>)
    func agreesWithModel(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var buffer = InputBuffer()
        var plain: [UInt8] = []
        for step in 0..<400 {
            switch dice.roll(10) {
            case 0..<3:
                plain = dice.bytes(dice.roll(2) == 0 ? dice.roll(100) : dice.roll(9_000))
                buffer.replaceAll(with: plain)
            case 3..<7:
                let least = 1 + dice.roll(3_000)
                let added = dice.bytes(dice.roll(least + 1))
                let space = buffer.read(added, spaceAtLeast: least)
                plain += added
                #expect(space >= least, "step \(step)")
            case 7..<9:
                let consumed = dice.roll(plain.count + 1)
                buffer.consume(consumed)
                plain.removeFirst(consumed)
            default:
                buffer.release()
                plain = []
            }
            let (held, count, isEmpty) = (buffer.heldBytes, buffer.count, buffer.isEmpty)
            #expect(held == plain && count == plain.count && isEmpty == plain.isEmpty, "step \(step)")
            if held != plain { return }
        }
    }

    @Test("an empty buffer holds no memory, however it became empty", arguments: 0..<4)
    func emptyHoldsNothing(way: Int) {
        var buffer = InputBuffer()
        buffer.replaceAll(with: [1, 2, 3])
        switch way {
        case 0: buffer.consume(3)
        case 1: buffer.replaceAll(with: [])
        case 2: buffer.release()
        default: buffer = InputBuffer()
        }
        let hasMemory = unsafe buffer.bytes.baseAddress != nil
        #expect(!hasMemory)
    }

    @Test("a connection that has received all in whole has one word for its input")
    func takesOneWord() {
        #expect(MemoryLayout<InputBuffer>.size == MemoryLayout<Int>.size)
    }

    @Test("memory at least doubles when it grows, so that a large message is not copied for each read")
    func doubles() {
        var buffer = InputBuffer()
        _ = buffer.read(Array(repeating: 1, count: 1_000), spaceAtLeast: 1_000)
        let space = buffer.read([], spaceAtLeast: 1)
        #expect(space >= 1_000)
    }

    @Test(
        "there is no more memory than for what is expected, if that is more than what is there",
        arguments: [
            (held: 100_000, expected: 150_000, room: 150_000), (100_000, 100_001, 100_001), (100_000, 1 << 20, 200_000),
            (100_000, .max, 200_000), (100_000, 100_000, 200_000), (100_000, 5, 200_000), (1_000, 1_010, 1_010),
            (1_000, 50_000, 17_384),
        ])
    func expects(held: Int, expected: Int, room: Int) {
        LargeBlock.freeKept()
        var buffer = InputBuffer()
        buffer.replaceAll(with: Array(repeating: 1, count: held))
        let space = unsafe buffer.space(atLeast: 16_384, expecting: expected).count
        #expect(space == room - held)
        #expect(buffer.count == held)
    }

    @Test("the rest of a frame does not keep the memory of the large message before it")
    func shrinks() {
        var buffer = InputBuffer()
        buffer.replaceAll(with: Array(repeating: 1, count: 100_000))
        buffer.replaceAll(with: [1, 2, 3])
        let (held, space) = (buffer.heldBytes, buffer.read([], spaceAtLeast: 0))
        #expect(held == [1, 2, 3])
        #expect(space < 2_000)
    }

    @Test("a message that is still arriving keeps its block, until it is told to shrink")
    func keepsBlock() {
        var buffer = InputBuffer()
        buffer.replaceAll(with: [1, 2, 3])
        _ = buffer.read([4], spaceAtLeast: 100_000)
        let before = buffer.capacity
        buffer.consume(0)
        let after = buffer.capacity
        buffer.shrink()
        let (held, capacity) = (buffer.heldBytes, buffer.capacity)
        #expect(before > 100_000 && after == before)
        #expect(held == [1, 2, 3, 4])
        #expect(capacity <= 4 * 4 + 1_024)
    }

    @Test("nor do the bytes behind a large message that was read in place", arguments: [1, 10, 1_000])
    func shrinksWhenConsumed(rest: Int) {
        var buffer = InputBuffer()
        let bytes = Array(repeating: 7, count: 100_000) + (0..<rest).map { UInt8(truncatingIfNeeded: $0) }
        _ = buffer.read(bytes, spaceAtLeast: bytes.count)
        buffer.consume(100_000)
        let (held, capacity) = (buffer.heldBytes, buffer.capacity)
        #expect(held == Array(bytes[100_000...]))
        #expect(capacity <= 4 * rest + 1_024)
    }
}

extension InputBuffer {
    fileprivate var heldBytes: [UInt8] { unsafe Array(bytes) }

    fileprivate mutating func replaceAll(with bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe replace(with: $0) }
    }

    /// - Returns: the space there was.
    fileprivate mutating func read(_ added: [UInt8], spaceAtLeast least: Int) -> Int {
        let space = unsafe space(atLeast: least)
        unsafe space.copyBytes(from: added)
        grow(by: added.count)
        return space.count
    }
}
