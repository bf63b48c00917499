import Testing

@testable import party_load

@Suite("The read buffer and the remainder of a read")
struct ReadBufferTests {
    /// Receives bytes, and returns the span that the buffer lends with `rest` in front.
    private static func read(_ bytes: [UInt8], behind rest: [UInt8], _ buffer: borrowing ReadBuffer) -> [UInt8] {
        let transfer = unsafe buffer.receive { memory in
            unsafe memory.copyBytes(from: bytes)
            return .bytes(bytes.count)
        }
        #expect(transfer == .bytes(bytes.count))
        var seen: [UInt8] = []
        buffer.withBytes(from: buffer.prepend(rest), received: bytes.count) { span in
            for index in span.indices { seen.append(span[index]) }
        }
        return seen
    }

    @Test("the rest of the last read stands in front of the next", arguments: [0, 1, 100, ReadBuffer.headroom])
    func rest(count: Int) {
        let buffer = ReadBuffer()
        let rest = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        #expect(Self.read([7, 8, 9], behind: rest, buffer) == rest + [7, 8, 9])
        #expect(Self.read([1], behind: [], buffer) == [1])
    }

    @Test("a read may fill all memory behind the headroom")
    func size() {
        let buffer = ReadBuffer()
        var size = 0
        _ = unsafe buffer.receive { memory in
            size = memory.count
            return .wouldBlock
        }
        #expect(size == 262_144)
    }

    @Test("the bytes from the offset on replace those kept before")
    func kept() {
        var remainder = Remainder()
        let reads: [([UInt8], Int, [UInt8])] = [([1, 2, 3], 1, [2, 3]), ([4, 5], 0, [4, 5]), ([6], 1, [])]
        for (bytes, offset, kept) in reads {
            let isSound = remainder.keep(bytes.span, from: offset)
            #expect(isSound)
            #expect(remainder.bytes == kept)
        }
    }

    @Test("a remainder longer than the headroom is refused", arguments: [0, 1])
    func tooLong(excess: Int) {
        var remainder = Remainder()
        let bytes = [UInt8](repeating: 0, count: ReadBuffer.headroom + excess)
        let isSound = remainder.keep(bytes.span, from: 0)
        #expect(isSound == (excess == 0))
    }
}
