import RelayWire
import TestSupport
import Testing

@Suite("Writing frames")
struct FrameWriterTests {
    static let lengths = [0, 1, 2, 125, 126, 127, 255, 256, 65535, 65536, 70000]

    @Test("a frame has the shortest header for its length, masked or not", arguments: lengths)
    func append(length: Int) {
        var generator = SeededGenerator(seed: UInt64(length))
        let payload = generator.bytes(length)
        for key in [nil, 0xA1B2_C3D4] as [UInt32?] {
            for isFinal in [true, false] {
                var bytes: [UInt8] = [0xAA]
                FrameWriter.append(.binary, payload: payload.span, isFinal: isFinal, maskingKey: key, to: &bytes)
                let frame = RawFrame(opcode: 2, payload: payload, isFinal: isFinal, key: key)
                #expect(bytes == [0xAA] + frame.bytes)
            }
        }
        let frame = RawFrame(opcode: 2, payload: payload, key: nil)
        #expect(FrameWriter.headerLength(payloadLength: length) == frame.bytes.count - length)
    }

    @Test("a header written in front of its payload makes the same frame", arguments: lengths)
    func prepend(length: Int) {
        var generator = SeededGenerator(seed: UInt64(length))
        let payload = generator.bytes(length)
        var buffer = [UInt8](repeating: 0xEE, count: FrameWriter.maximumHeaderLength) + payload
        let start = FrameWriter.prependHeader(.text, to: &buffer)
        #expect(Array(buffer[start...]) == RawFrame(opcode: 1, payload: payload, key: nil).bytes)
        #expect(buffer[..<start].allSatisfy { $0 == 0xEE })
    }

    @Test("the header of a text is the one that the whole frame has", arguments: lengths)
    func textHeader(length: Int) {
        var bytes = [UInt8](repeating: 0xEE, count: FrameWriter.maximumHeaderLength + 1)
        var span = bytes.mutableSpan
        // Every bit pattern is a valid byte.
        var raw = unsafe span.mutableBytes
        let end = FrameWriter.writeTextHeader(payloadLength: length, to: &raw)
        let frame = RawFrame(opcode: 1, payload: [UInt8](repeating: 0, count: length), key: nil).bytes
        #expect(Array(bytes[..<end]) == Array(frame.prefix(frame.count - length)))
        #expect(bytes[end...].allSatisfy { $0 == 0xEE })
    }

    @Test("a close frame carries code and reason, or nothing")
    func close() {
        var bytes: [UInt8] = []
        FrameWriter.appendClose(.roomClosed, reason: "room closed", to: &bytes)
        FrameWriter.appendClose(nil, to: &bytes)
        FrameWriter.appendClose(.normal, maskingKey: 0x0102_0304, to: &bytes)
        FrameWriter.appendClose(nil, maskingKey: 0x0102_0304, to: &bytes)
        var expected = RawFrame.close(4001, Array("room closed".utf8))
        expected.key = nil
        var normal = RawFrame.close(1000)
        normal.key = 0x0102_0304
        let frames = [
            expected, RawFrame(opcode: 8, key: nil), normal, RawFrame(opcode: 8, key: 0x0102_0304),
        ]
        #expect(bytes == frames.bytes)
    }

    @Test("a reason that is too long is cut off between characters", arguments: ["a", "ü", "漢", "🎉", "é🎉x"])
    func longReason(unit: String) throws {
        for lead in 0..<5 {
            let reason = String(repeating: "a", count: lead) + String(repeating: unit, count: 130)
            var bytes: [UInt8] = []
            FrameWriter.appendClose(.tooSlow, reason: reason, to: &bytes)
            let sent = try #require(String(validating: bytes[4...], as: UTF8.self))
            #expect(reason.hasPrefix(sent))
            #expect(sent.utf8.count <= 123)
            // The next character would not have fitted.
            let next = reason.unicodeScalars.dropFirst(sent.unicodeScalars.count).first
            #expect(try sent.utf8.count + UTF8.width(#require(next)) > 123)
            #expect(FrameFeed.events(of: bytes, role: .client) == [.close(.tooSlow, reason: Array(sent.utf8))])
        }
    }

    @Test("a reason of 123 bytes is sent whole")
    func fullReason() {
        let reason = String(repeating: "a", count: 121) + "ü"
        var bytes: [UInt8] = []
        FrameWriter.appendClose(.normal, reason: reason, to: &bytes)
        #expect(bytes[4...].elementsEqual(reason.utf8))
    }
}

@Suite("Boundaries of queued frames")
struct FrameSequenceTests {
    private static let lengths = [0, 5, 125, 126, 300, 65535, 65536, 1, 0]

    private static var queue: (bytes: [UInt8], ends: [Int]) {
        var bytes: [UInt8] = []
        var ends = [0]
        for length in lengths {
            bytes += RawFrame(opcode: 1, payload: .init(repeating: 0x81, count: length), key: nil).bytes
            ends.append(bytes.count)
        }
        return (bytes, ends)
    }

    @Test("the boundary at or after an offset is the first end of a frame there")
    func boundary() {
        let (bytes, ends) = Self.queue
        for end in ends {
            for offset in max(0, end - 3)...min(bytes.count, end + 3) {
                let expected = ends.first { $0 >= offset }
                #expect(FrameSequence.boundary(in: bytes.span, atOrAfter: offset) == expected, "offset \(offset)")
            }
        }
    }

    @Test("there is none after an incomplete frame, after the bytes, or in invalid frames")
    func noBoundary() {
        let frame = RawFrame(opcode: 1, payload: [1, 2, 3], key: nil).bytes
        for count in 1..<frame.count {
            let part = Array(frame[..<count])
            #expect(FrameSequence.boundary(in: part.span, atOrAfter: 1) == nil, "\(count) bytes")
        }
        #expect(FrameSequence.boundary(in: frame.span, atOrAfter: frame.count + 1) == nil)
        let noFrame: [UInt8] = [0xFF, 0, 0]
        #expect(FrameSequence.boundary(in: noFrame.span, atOrAfter: 1) == nil)
        let huge = RawFrame(opcode: 2, key: nil, claimedLength: (1 << 63) - 1).bytes
        #expect(FrameSequence.boundary(in: huge.span, atOrAfter: 1) == nil)
    }
}
