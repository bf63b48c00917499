import RelayWire
import TestSupport
import Testing

@testable import RelayEngine

@Suite("What waits to be sent")
struct OutputBufferTests {
    static func frame(_ payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        FrameWriter.append(.binary, payload: payload.span, to: &bytes)
        return bytes
    }

    @Test(
        "whatever is appended, replaced, sent and dropped in whatever order, the buffer holds what the plain list holds",
        arguments: 1...32 as ClosedRange<UInt64>)
    func agreesWithModel(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var pool = BufferPool()
        var buffer = OutputBuffer()
        var plain = PlainOutput()
        var (received, expected): ([UInt8], [UInt8]) = ([], [])
        for step in 0..<400 {
            switch dice.roll(20) {
            case 0..<4:
                let frame = OutputBufferTests.frame(dice.bytes(OutputBufferTests.payloadLength(&dice)))
                if buffer.hasLatest {
                    buffer.replaceLatest(with: SharedFrame.of(frame))
                } else if dice.roll(3) == 0 {
                    buffer.append(SharedFrame.of(frame), isLatest: true)
                } else {
                    unsafe frame.withUnsafeBytes { unsafe buffer.appendLatest($0, pool: &pool) }
                }
                plain.appendLatest(frame)
            case 4..<9:
                let frame = OutputBufferTests.frame(dice.bytes(OutputBufferTests.payloadLength(&dice)))
                if dice.roll(2) == 0 {
                    buffer.appendFrames(frame, pool: &pool)
                } else {
                    buffer.appendInPlace(frame, pool: &pool)
                }
                plain.append(frame, isOpaque: false)
            case 9:
                let frame = OutputBufferTests.frame(dice.bytes(1 + dice.roll(400)))
                let sent = buffer.isEmpty ? dice.roll(frame.count) : 0
                buffer.append(SharedFrame.of(frame), sent: sent)
                plain.append(frame, isOpaque: false)
                plain.consume(sent)
            case 10 where buffer.sharedBytes == 0 && !buffer.hasLatest:
                let answer = dice.bytes(1 + dice.roll(3_000))
                unsafe answer.withUnsafeBytes { unsafe buffer.appendOpaque($0, pool: &pool) }
                plain.append(answer, isOpaque: true)
            case 18:
                buffer.dropUnsentFrames(pool: &pool)
                plain.dropUnsentFrames()
            case let roll:
                let most = roll < 14 ? buffer.count : roll < 18 ? 40 : .max
                let sent = min(most, dice.roll(buffer.count + 1))
                expected += plain.bytes.prefix(sent)
                plain.consume(sent)
                received += buffer.send(sent, pool: &pool)
            }
            let (count, isEmpty) = (buffer.count, buffer.isEmpty)
            #expect(count == plain.bytes.count && isEmpty == plain.bytes.isEmpty, "step \(step)")
            let hasLatest = buffer.hasLatest
            #expect(hasLatest == plain.hasLatest, "step \(step)")
        }
        expected += plain.bytes
        received += buffer.send(buffer.count, pool: &pool)
        #expect(received == expected)
        let held = buffer.heldBytes
        #expect(held == 0)
    }

    /// Mostly short, now and then around the lengths at which headers and blocks grow.
    private static func payloadLength(_ dice: inout SeededGenerator) -> Int {
        switch dice.roll(12) {
        case 0: 120 + dice.roll(12)
        case 1: 4_080 + dice.roll(20)
        case 2: dice.roll(20_000)
        case 3 where dice.roll(8) == 0: 65_530 + dice.roll(12)
        default: dice.roll(90)
        }
    }

    @Test("a connection that has nothing to send has two words for its output")
    func takesTwoWords() {
        #expect(MemoryLayout<OutputBuffer>.size == 2 * MemoryLayout<Int>.size)
    }

    @Test("a buffer from which all is sent holds no memory")
    func emptyHoldsNothing() {
        var pool = BufferPool()
        var buffer = OutputBuffer()
        buffer.appendFrames(OutputBufferTests.frame([1, 2, 3]), pool: &pool)
        buffer.consume(2, pool: &pool)
        let keptWhileSending = pool.bytesKept
        buffer.consume(3, pool: &pool)
        let (kept, hasMemory) = (pool.bytesKept, unsafe buffer.unsent.baseAddress != nil)
        #expect(keptWhileSending == 0)
        #expect(kept == BufferPool.smallestBlock)
        #expect(!hasMemory)
    }

    @Test("the last bytes of much do not keep the memory of all, however the others went", arguments: [false, true])
    func shrinks(isDropped: Bool) {
        var pool = BufferPool()
        var buffer = OutputBuffer()
        let begun = OutputBufferTests.frame(Array(repeating: 1, count: 100))
        let rest = OutputBufferTests.frame(Array(repeating: 2, count: 1 << 20))
        buffer.appendFrames(begun, pool: &pool)
        buffer.appendFrames(rest, pool: &pool)
        if isDropped {
            buffer.consume(10, pool: &pool)
            buffer.dropUnsentFrames(pool: &pool)
        } else {
            buffer.consume(begun.count + rest.count - 92, pool: &pool)
        }
        let capacity = buffer.capacity
        let held = buffer.send(buffer.count, pool: &pool)
        #expect(held == (isDropped ? Array(begun[10...]) : Array(rest.suffix(92))))
        #expect(capacity == BufferPool.smallestBlock)
    }

    @Test("a frame that many share is kept once, and counts until the last of them has sent or dropped it")
    func shares() {
        let counters = TransportCounters()
        var pool = BufferPool()
        let bytes = OutputBufferTests.frame(Array(repeating: 1, count: 30_000))
        var first = OutputBuffer()
        var second = OutputBuffer()
        var third = OutputBuffer()
        var counted: [Int] = []
        do {
            let frame = unsafe bytes.withUnsafeBytes { unsafe SharedFrame(copying: $0, countedIn: counters) }
            first.append(frame, sent: 10)
            second.append(frame)
            third.append(frame)
        }
        counted.append(counters.bufferedBytes.current)
        first.consume(bytes.count - 10, pool: &pool)
        counted.append(counters.bufferedBytes.current)
        second.dropUnsentFrames(pool: &pool)
        counted.append(counters.bufferedBytes.current)
        third.release(to: &pool)
        counted.append(counters.bufferedBytes.current)
        #expect(counted == [bytes.count, bytes.count, bytes.count, 0])
    }

    @Test(
        "however many frames make each other obsolete, the memory is that of a few, and of each but the last nothing",
        arguments: [10, 5_000, 20_000])
    func obsolete(length: Int) {
        let counters = TransportCounters()
        var pool = BufferPool()
        var buffer = OutputBuffer()
        let message = OutputBufferTests.frame([0])
        buffer.appendFrames(message, pool: &pool)
        var frame: [UInt8] = []
        var most = 0
        for number in 0..<1_000 {
            frame = OutputBufferTests.frame([UInt8](repeating: UInt8(number & 255), count: length + number & 7))
            if buffer.hasLatest {
                let shared = unsafe frame.withUnsafeBytes { unsafe SharedFrame(copying: $0, countedIn: counters) }
                buffer.replaceLatest(with: shared)
            } else {
                unsafe frame.withUnsafeBytes { unsafe buffer.appendLatest($0, pool: &pool) }
            }
            most = max(most, buffer.heldBytes + counters.bufferedBytes.current)
        }
        let count = buffer.count
        #expect(count == message.count + frame.count)
        #expect(most <= 4 * (length + 4_096))
        let sent = buffer.send(count, pool: &pool)
        #expect(sent == message + frame)
        #expect(counters.bufferedBytes.current == 0)
    }

    @Test("an output that is sent as fast as it grows needs no larger and larger memory")
    func staysSmall() {
        var pool = BufferPool()
        var buffer = OutputBuffer()
        let frame = OutputBufferTests.frame(Array(repeating: 1, count: 1_000))
        buffer.appendFrames(frame, pool: &pool)
        var largest = 0
        for _ in 0..<200 {
            buffer.appendFrames(frame, pool: &pool)
            largest = max(largest, buffer.capacity)
            buffer.consume(frame.count, pool: &pool)
        }
        let count = buffer.count
        #expect(count == frame.count)
        #expect(largest == BufferPool.smallestBlock)
    }

    @Test(
        "of a frame that has begun to go out the rest is kept, and no other; what is queued then follows it",
        arguments: [0, 1, 5, 6, 7, 12, 17])
    func dropsWholeFrames(sent: Int) {
        var pool = BufferPool()
        var buffer = OutputBuffer()
        // Three frames of six bytes.
        let frames = [1, 2, 3].map { OutputBufferTests.frame([$0, $0, $0, $0]) }
        for frame in frames { buffer.appendFrames(frame, pool: &pool) }
        buffer.consume(sent, pool: &pool)
        buffer.dropUnsentFrames(pool: &pool)
        let close = OutputBufferTests.frame([9])
        buffer.appendFrames(close, pool: &pool)
        let begun = (sent + 5) / 6 * 6
        let held = buffer.send(buffer.count, pool: &pool)
        #expect(held == Array(frames.flatMap(\.self)[sent..<begun]) + close)
    }

    @Test("an answer that went before the frames is never cut, sent or not", arguments: [0, 1, 9])
    func keepsOpaque(sent: Int) {
        var pool = BufferPool()
        var buffer = OutputBuffer()
        let answer = Array("HTTP/1.1 101".utf8)
        unsafe answer.withUnsafeBytes { unsafe buffer.appendOpaque($0, pool: &pool) }
        buffer.appendFrames(OutputBufferTests.frame([1]), pool: &pool)
        buffer.consume(sent, pool: &pool)
        buffer.dropUnsentFrames(pool: &pool)
        let held = buffer.send(buffer.count, pool: &pool)
        #expect(held == Array(answer[sent...]))
    }

    @Test("a frame begun stays whole when the buffer moves its bytes to make room")
    func boundarySurvivesGrowth() {
        var pool = BufferPool()
        var buffer = OutputBuffer()
        let first = OutputBufferTests.frame(Array(repeating: 1, count: 100))
        let second = OutputBufferTests.frame(Array(repeating: 2, count: 100))
        for frame in [first, second] { buffer.appendFrames(frame, pool: &pool) }
        buffer.consume(first.count + 10, pool: &pool)
        // Larger than any block taken so far, so that everything moves.
        buffer.appendFrames(OutputBufferTests.frame(Array(repeating: 3, count: 9_000)), pool: &pool)
        buffer.dropUnsentFrames(pool: &pool)
        let held = buffer.send(buffer.count, pool: &pool)
        #expect(held == Array(second[10...]))
    }
}

extension OutputBuffer {
    fileprivate mutating func appendFrames(_ bytes: [UInt8], pool: inout BufferPool) {
        unsafe bytes.withUnsafeBytes { unsafe append($0, pool: &pool) }
    }

    fileprivate mutating func appendInPlace(_ bytes: [UInt8], pool: inout BufferPool) {
        append(length: bytes.count, pool: &pool) { space in
            for (offset, byte) in bytes.enumerated() {
                space.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
            }
        }
    }

    /// Removes the next bytes as the kernel does: in part, and in more than one call.
    fileprivate mutating func send(_ count: Int, pool: inout BufferPool) -> [UInt8] {
        var sent: [UInt8] = []
        while sent.count < count {
            let next = unsafe Array(unsent.prefix(count - sent.count))
            consume(next.count, pool: &pool)
            sent += next
        }
        return sent
    }
}
