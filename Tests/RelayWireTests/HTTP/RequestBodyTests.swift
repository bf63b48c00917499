import RelayWire
import Testing

@Suite("The body of a request")
struct RequestBodyTests {
    private func read(_ lines: [String], version: String = "1.1") throws -> RequestHead {
        try ReadRequest(HeadText(lines: ["PUT / HTTP/\(version)", "Host: a"] + lines)).head
    }

    @Test(
        "its length is one number of digits, and nothing else",
        arguments: [
            ("0", 0), ("5", 5), ("05", 5), ("000", 0), ("5 ", 5), (" \t 17", 17), ("9223372036854775807", .max),
            ("+5", nil), ("-5", nil), ("5,5", nil), ("5, 5", nil), ("5 5", nil), ("0x5", nil), ("5;", nil),
            ("5.0", nil), ("", nil), ("5\t", nil), ("９", nil), ("9223372036854775808", nil),
            ("18446744073709551617", nil),
        ] as [(String, Int?)])
    func length(value: String, length: Int?) throws {
        guard let length else {
            #expect(throws: HTTPFailure.malformedContentLength) { try read(["Content-Length:\(value)"]) }
            return
        }
        #expect(try read(["Content-Length:\(value)"]).bodyLength == length)
    }

    @Test("two lengths are refused, also if they agree")
    func twoLengths() {
        for other in ["5", "05", "6"] {
            #expect(throws: HTTPFailure.malformedContentLength) {
                try read(["Content-Length: 5", "X: y", "content-length: \(other)"])
            }
        }
    }

    @Test("one that is chunked has no length, and a length beside the chunks is refused")
    func chunked() throws {
        let head = try read(["Transfer-Encoding: chunked"])
        #expect(head.hasBody && head.bodyLength == nil)
        let bytes = [UInt8](repeating: 0x30, count: head.length + 100)
        #expect(head.withBody(in: bytes.span) == nil)
        for coding in ["Transfer-Encoding: chunked", "Transfer-Encoding: x"] {
            #expect(throws: HTTPFailure.ambiguousBodyLength) { try read(["Content-Length: 5", coding]) }
        }
        #expect(throws: HTTPFailure.ambiguousBodyLength) {
            try read(["Transfer-Encoding: chunked", "Content-Length: 5"])
        }
    }

    @Test("it begins behind the head and ends after its length, whatever follows", arguments: [0, 1, 40])
    func range(behind: Int) throws {
        let request = try ReadRequest(HeadText("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"))
        let bytes = request.bytes + [UInt8](repeating: 0x47, count: behind)
        #expect(request.head.body == request.head.length..<request.head.length)
        for end in request.head.length..<request.bytes.count {
            #expect(request.head.withBody(in: bytes.span.extracting(first: end)) == nil)
        }
        let head = request.head.withBody(in: bytes.span)
        let whole = try #require(head)
        #expect(bytes.span.text(in: whole.body) == "hello")
    }

    @Test("the longest that can be announced is never there")
    func longest() throws {
        let request = try ReadRequest(HeadText("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: \(Int.max)\r\n\r\nhello"))
        #expect(request.head.withBody(in: request.bytes.span) == nil)
        #expect(request.head.body.isEmpty && !request.head.isKeepAlive)
    }

    @Test(
        "another request may follow once it is read, if the client wants that",
        arguments: [("1.1", [], true), ("1.1", ["Connection: close"], false), ("1.0", [], false)]
            as [(String, [String], Bool)])
    func keepAlive(version: String, fields: [String], isKeepAlive: Bool) throws {
        let head = try read(["Content-Length: 5"] + fields, version: version)
        let bytes = [UInt8](repeating: 0x78, count: head.length + 5)
        #expect(!head.isKeepAlive)
        #expect(head.withBody(in: bytes.span)?.isKeepAlive == isKeepAlive)
    }

    @Test(
        "a client of HTTP/1.1 may wait for an interim answer",
        arguments: [
            ("1.1", ["Expect: 100-continue"], true), ("1.1", ["expect: x, 100-Continue"], true),
            ("1.0", ["Expect: 100-continue"], false), ("1.1", ["Expect: 100-continues"], false), ("1.1", [], false),
        ] as [(String, [String], Bool)])
    func expects(version: String, fields: [String], expected: Bool) throws {
        let request = try ReadRequest(
            HeadText(lines: ["PUT / HTTP/\(version)", "Host: a", "Content-Length: 5"] + fields))
        #expect(request.head.expectsContinue(in: request.bytes.span) == expected)
    }
}
