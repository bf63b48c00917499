import RelayWire
import Testing

@testable import party_load

@Suite("The upgrade request")
struct UpgradeRequestTests {
    /// The answer of a server that accepts the request.
    private static func acceptance(of request: UpgradeRequest) throws -> [UInt8] {
        var parser = RequestHeadParser()
        let head = try #require(try parser.parse(request.bytes.span))
        var bytes: [UInt8] = []
        try OpeningHandshake.check(head, in: request.bytes.span).append(to: &bytes, date: DateField(second: 0))
        return bytes
    }

    private static func request() throws -> UpgradeRequest {
        UpgradeRequest(url: try ServerURL("ws://relay.example/x?y=1"), nonce: Array(repeating: 7, count: 16))
    }

    @Test("an incomplete answer is waited for; a complete one has its length, whatever follows")
    func whole() throws {
        let request = try Self.request()
        let answer = try Self.acceptance(of: request)
        for count in 0..<answer.count {
            #expect(request.answer(in: answer.span.extracting(..<count)) == .incomplete)
        }
        #expect(request.answer(in: answer.span) == .agreed(answer.count))
        let more = answer + [0x81, 0x00]
        #expect(request.answer(in: more.span) == .agreed(answer.count))
    }

    @Test("any other answer is a refusal")
    func refused() throws {
        let request = try Self.request()
        let other = UpgradeRequest(url: try ServerURL(ServerURL.standard), nonce: Array(repeating: 8, count: 16))
        for answer in [
            Array("HTTP/1.1 503 Service Unavailable\r\n\r\n".utf8), Array("220 mail.example ESMTP\r\n\r\n".utf8),
            try Self.acceptance(of: other),
        ] {
            #expect(request.answer(in: answer.span) == .refused)
        }
    }
}
