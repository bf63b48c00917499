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

    @Test(
        "any other answer is a refusal, whose reason helps",
        arguments: [
            ("HTTP/1.1 403 Forbidden", "ALLOWED_ORIGINS does not have http://party-load.invalid"),
            ("HTTP/1.1 409 Conflict", "status 409"), ("HTTP/1.1 429 Too Many Requests", "MISSES_PER_MINUTE"),
            ("HTTP/1.1 503 Service Unavailable", "MAX_CONNECTIONS"), ("HTTP/1.1 404 Not Found", "at this path"),
            ("HTTP/1.1 200 OK", "at this path"), ("220 mail.example ESMTP", "HTTP"),
        ])
    func refused(head: String, word: String) throws {
        let request = try Self.request()
        let bytes = Array("\(head)\r\n\r\n".utf8)
        #expect("\(request.answer(in: bytes.span))".contains(word))
    }

    @Test("so is the agreement to another request")
    func wrongProof() throws {
        let other = UpgradeRequest(url: try ServerURL(ServerURL.standard), nonce: Array(repeating: 8, count: 16))
        let (request, bytes) = (try Self.request(), try Self.acceptance(of: other))
        #expect(request.answer(in: bytes.span) == .refused("its answer to the upgrade agrees to no WebSocket"))
    }
}
