import RelayWire
import Testing

@Suite("Close payload")
struct ClosePayloadTests {
    private static func parse(_ bytes: [UInt8]) -> Result<ClosePayload, WebSocketViolation> {
        do throws(WebSocketViolation) {
            return .success(try ClosePayload(bytes.span, in: 0..<bytes.count))
        } catch {
            return .failure(error)
        }
    }

    @Test("an empty close frame has neither code nor reason")
    func empty() throws {
        let payload = try Self.parse([]).get()
        #expect(payload.code == nil)
        #expect(payload.reason.isEmpty)
    }

    @Test("exactly the codes that RFC 6455 or its registry allows on the wire are accepted")
    func codes() {
        let allowed = Set((1000...1003).map { $0 } + (1007...1014) + (3000...4999))
        var wrong: [Int] = []
        for code in 0...0xFFFF {
            let isTaken = Self.parse([UInt8(code >> 8), UInt8(code & 0xFF)])
            switch isTaken {
            case .success(let payload):
                if !allowed.contains(code) || payload.code?.rawValue != UInt16(code) { wrong.append(code) }
            case .failure(let violation):
                if allowed.contains(code) || violation != .forbiddenCloseCode { wrong.append(code) }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test("the reason is what follows the code")
    func reason() throws {
        let bytes: [UInt8] = [0x03, 0xE8] + Array("tschüss".utf8)
        let payload = try Self.parse(bytes).get()
        #expect(payload.code == .normal)
        #expect(Array(bytes[payload.reason]) == Array("tschüss".utf8))
    }

    @Test(
        "a payload that breaks a rule closes with the code of that rule",
        arguments: [
            ([0x03], .truncatedCloseCode),
            ([0x03, 0xE8, 0xFF], .invalidCloseReason),
            ([0x03, 0xE8, 0x61, 0xC3], .invalidCloseReason),
            ([0x03, 0xED, 0xFF], .forbiddenCloseCode),
        ] as [([UInt8], WebSocketViolation)])
    func refused(bytes: [UInt8], violation: WebSocketViolation) {
        #expect(Self.parse(bytes) == .failure(violation))
    }

    @Test("every violation has an allowed code and a reason that fits into a close frame")
    func violations() {
        let all: [WebSocketViolation] = [
            .reservedBits, .reservedOpcode, .fragmentedControl, .longControl, .wastefulLength, .impossibleLength,
            .unmasked, .masked, .continuationOfNothing, .interruptedMessage, .truncatedCloseCode, .forbiddenCloseCode,
            .invalidCloseReason, .invalidText, .messageTooBig,
        ]
        for violation in all {
            let code: CloseCode =
                switch violation {
                case .invalidText, .invalidCloseReason: .invalidPayload
                case .messageTooBig: .messageTooBig
                default: .protocolError
                }
            #expect(violation.code == code)
            #expect(violation.reason.utf8.count <= 123)
        }
        #expect(Set(all.map(\.reason)).count == all.count)
    }
}
