import Testing

@testable import RelayWire

@Suite("The header that most frames have")
struct UsualHeaderTests {
    @Test("it is read exactly where it is valid: of a whole message, masked, and below 64 KiB", arguments: [0, 3])
    func agrees(offset: Int) {
        let lengths: [[UInt8]] = [[0, 0], [0, 125], [0, 126], [1, 0], [0x7F, 0xFF], [0xFF, 0xFF]]
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                for length in lengths {
                    let rest: [UInt8] = [0x00, 0x01, 0x80, 0xFF, 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC]
                    let frame = [first, second] + length + rest
                    let bytes = [UInt8](repeating: 0x81, count: offset) + frame
                    let header = (try? FrameHeader(bytes.span, at: offset)).flatMap { Self.isUsual($0) ? $0 : nil }
                    let usual = UsualHeader(bytes.span, at: offset)
                    let agrees =
                        usual?.isText == header.map { $0.opcode == .text } && usual?.maskingKey == header?.maskingKey
                        && usual?.payloadLength == header?.payloadLength && usual?.length == header?.length
                    if !agrees { Issue.record("\(frame)") }
                }
            }
        }
    }

    private static func isUsual(_ header: FrameHeader) -> Bool {
        let isWholeMessage = header.isFinal && (header.opcode == .text || header.opcode == .binary)
        return isWholeMessage && header.maskingKey != nil && header.payloadLength <= 0xFFFF
    }

    @Test("it is not read before eight bytes are there", arguments: 0..<8)
    func needsEightBytes(count: Int) {
        let bytes = Array(([0x81, 0x80, 1, 2, 3, 4, 5, 6] as [UInt8]).prefix(count))
        #expect(UsualHeader(bytes.span, at: 0)?.length == nil)
        #expect(UsualHeader((bytes + [UInt8](repeating: 0, count: 8 - count)).span, at: 1)?.length == nil)
    }
}
