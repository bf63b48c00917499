import RelayWire
import TestSupport
import Testing

@testable import party_load

@Suite("The scanner of a server's frames")
struct FrameScannerTests {
    private static let message = Array(#"{"type":"message","from":3,"data":"0123456789"}"#.utf8)

    /// Scans bytes that arrive in pieces; the unconsumed rest of each goes in front of the next.
    private func events(_ pieces: [ArraySlice<UInt8>]) throws -> [String] {
        var scanner = FrameScanner()
        var events: [String] = []
        var rest: [UInt8] = []
        for piece in pieces {
            let bytes = rest + piece
            var offset = 0
            while let event = try scanner.next(in: bytes.span, at: &offset) {
                switch event {
                case .text(let text): events.append("\(text.kind) \(text.slot)")
                case .ping(let range): events.append("ping \(Array(bytes[range]))")
                case .close(let code): events.append("close \(code ?? 0)")
                case .other: events.append("other")
                }
            }
            rest = Array(bytes[offset...])
            #expect(rest.count <= ReadBuffer.headroom)
        }
        #expect(rest.isEmpty)
        return events
    }

    private static func long(_ count: Int) -> [UInt8] {
        Array(#"{"type":"message","from":5,"data":""#.utf8) + Array(repeating: 0x78, count: count) + Array(#""}"#.utf8)
    }

    private static func append(
        _ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true, to bytes: inout [UInt8]
    ) {
        FrameWriter.append(opcode, payload: payload.span, isFinal: isFinal, to: &bytes)
    }

    /// A stream with every kind of frame that a server may send, and the expected events.
    private static var stream: (bytes: [UInt8], events: [String]) {
        var bytes: [UInt8] = []
        append(.text, message, to: &bytes)
        append(.ping, [1, 2, 3], to: &bytes)
        append(.text, long(300), to: &bytes)
        append(.text, long(70_000), to: &bytes)
        append(.pong, [], to: &bytes)
        let halves = (long(60).prefix(100), long(60).dropFirst(100))
        append(.text, Array(halves.0), isFinal: false, to: &bytes)
        append(.ping, [], to: &bytes)
        append(.continuation, Array(halves.1), to: &bytes)
        append(.text, message, to: &bytes)
        FrameWriter.appendClose(.roomClosed, to: &bytes)
        FrameWriter.appendClose(nil, to: &bytes)
        return (
            bytes,
            [
                "message 3", "ping [1, 2, 3]", "message 5", "message 5", "other", "other", "ping []", "message 5",
                "message 3", "close 4001", "close 0",
            ]
        )
    }

    @Test("the events do not depend on how the stream is cut", arguments: 0..<50 as Range<UInt64>)
    func pieces(seed: UInt64) throws {
        let (bytes, expected) = Self.stream
        var generator = SeededGenerator(seed: seed)
        let pieces = generator.pieces(of: bytes, count: 1 + generator.roll(60))
        #expect(try events(pieces) == expected)
    }

    @Test("a stream that arrives byte by byte has the same events")
    func bytes() throws {
        let (bytes, expected) = Self.stream
        #expect(try events(bytes.indices.map { bytes[$0...$0] }) == expected)
    }

    @Test(
        "frames that a server must not send are refused",
        arguments: [
            [0x81, 0x80, 1, 2, 3, 4],  // masked
            [0xC1, 0x00],  // a reserved bit
            [0x83, 0x00],  // a reserved opcode
            [0x09, 0x00],  // a fragmented ping
            [0x81, 0x7E, 0x00, 0x01],  // a length in more bytes than it needs
        ] as [[UInt8]])
    func refused(bytes: [UInt8]) {
        var scanner = FrameScanner()
        var offset = 0
        #expect(throws: WebSocketViolation.self) { try scanner.next(in: bytes.span, at: &offset) }
    }

    @Test("a server reads each copy of a repeated frame as its text", arguments: [0, 64, 200, 70_000])
    func repeatedFrame(payload: Int) throws {
        let text = ClientText.send(payload: payload, to: 0)
        let frame = RepeatedFrame(text: text, maskingKey: 0x1234_5678)
        #expect(frame.bytes.count % frame.frameLength == 0)
        var bytes = frame.bytes
        var offset = 0
        while offset < bytes.count {
            let header = try #require(try FrameHeader(bytes.span, at: offset))
            #expect(header.frameLength == frame.frameLength)
            let range = offset + header.length..<offset + header.frameLength
            var span = bytes.mutableSpan
            Masking.apply(try #require(header.maskingKey), to: &span, in: range)
            #expect(Array(bytes[range]) == text)
            offset = range.upperBound
        }
    }
}
