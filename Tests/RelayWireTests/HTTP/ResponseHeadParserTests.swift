import RelayWire
import Testing

@Suite("Response head parser")
struct ResponseHeadParserTests {
    private func read(_ bytes: [UInt8], step: Int) throws -> ResponseHead? {
        var parser = ResponseHeadParser(maxBytes: 256)
        for end in stride(from: step, to: bytes.count + step, by: step) {
            if let head = try parser.parse(bytes.span.extracting(first: end)) { return head }
        }
        return nil
    }

    @Test("a response is read with its length, in one piece or byte by byte", arguments: [1, 2, 7, 1000])
    func accepted(step: Int) throws {
        let text = HeadText(lines: ["HTTP/1.1 404 Not Found \u{E9}", "Content-Length: 12", "X: a", "", "body"])
        let head = try #require(try read(text.bytes, step: step))
        #expect(head.statusCode == 404)
        #expect(head.minorVersion == 1)
        #expect(head.contentLength == 12)
        #expect(!head.isChunked)
        #expect(head.isKeepAlive)
        #expect(head.fields.count == 2)
        #expect(head.length == text.bytes.count - "body\r\n\r\n".utf8.count)
    }

    @Test(
        "a malformed response is refused, in one piece or byte by byte",
        arguments: [
            ("HTTP/1.1 20 OK\r\n\r\n", .malformedStatusLine), ("HTTP/1.1 2000 OK\r\n\r\n", .malformedStatusLine),
            ("HTTP/1.1 099 OK\r\n\r\n", .malformedStatusLine), ("HTTP/1.1 600 OK\r\n\r\n", .malformedStatusLine),
            ("HTTP/1.1  200 OK\r\n\r\n", .malformedStatusLine), ("HTTP/1.1 200\r\n\r\n", .malformedStatusLine),
            ("HTTP/1.1 200 OK\n\n", .malformedStatusLine), ("HTTP/1.1 200 OK\rX", .malformedStatusLine),
            ("HTTP/1.1 200 O\0K\r\n\r\n", .malformedStatusLine), ("HTTX/1.1 200 OK\r\n\r\n", .malformedStatusLine),
            ("\r\nHTTP/1.1 200 OK\r\n\r\n", .malformedStatusLine), ("HTTP/1.2 200 OK\r\n\r\n", .unsupportedVersion),
            ("HTTP/1.1 200 OK\r\nX : a\r\n\r\n", .malformedField),
            ("HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", .malformedField),
            ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", .malformedContentLength),
            ("HTTP/1.1 200 OK\r\nX: \(String(repeating: "a", count: 300))", .headTooLarge),
            ("HTTP/1.1 200 \(String(repeating: "a", count: 300))", .headTooLarge),
        ] as [(String, HTTPFailure)])
    func refused(text: String, failure: HTTPFailure) {
        #expect(throws: failure) { try read(Array(text.utf8), step: 1000) }
        #expect(throws: failure) { try read(Array(text.utf8), step: 1) }
    }
}
