import RelayWire
import Testing

@Suite("Request head parser")
struct RequestHeadParserTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let head: HeadText
        let failure: HTTPFailure

        init(_ text: String, _ failure: HTTPFailure) {
            head = HeadText(text)
            self.failure = failure
        }

        init(_ head: HeadText, _ failure: HTTPFailure) {
            self.head = head
            self.failure = failure
        }

        var testDescription: String {
            "\(failure): \(head.text.debugDescription)"
        }
    }

    @Test("a browser's upgrade request is parsed as sent")
    func browserUpgrade() throws {
        let request = try ReadRequest(.browserUpgrade)
        let head = request.head
        #expect(head.method == .get)
        #expect(head.minorVersion == 1)
        #expect(head.length == request.bytes.count)
        #expect(request.target == "/ABCDEF")
        #expect(head.fields.count == 12)
        #expect(request.text(.origin) == "https://game.example.com")
        #expect(head.isWebSocketUpgrade)
        #expect(!head.hasBody)
        #expect(RequestHeadOracle.disagreement(over: request.bytes) == nil)
    }

    @Test(
        "these heads are well-formed, and NIO reads them the same",
        arguments: [
            HeadText.get(), .get("X:"), .get("X: \t "), .get("X:\ta \t b\t "), .get("x!#$%&'*+-.^_`|~9: a"),
            .get("X: a:b: c"),
            .get("X: \u{80}é€"), .get("Content-Length: 0"), .get("Content-Length: \t007  "),
            .get("Proxy-Connection: close"), .get("Connection: keep-alive,\tclose"),
            .get("Content-Length: 9223372036854775807"), .get("Transfer-Encoding: Chunked"),
            .get("Connection: close, keep-alive"), .get("Connection: ,,", "Connection: x"),
            .get("Upgrade: h2c", "Connection: upgrade"),
            HeadText(lines: ["\r\nGET / HTTP/1.1", "Host: a"]), HeadText(lines: ["GET / HTTP/1.0"]),
            HeadText(lines: ["GET / HTTP/1.0", "Host: a", "Connection: keep-alive"]),
            HeadText(lines: ["OPTIONS * HTTP/1.1", "hOST:"]),
            HeadText(lines: ["HEAD /?a/b?c HTTP/1.1", "Host: [::1]:80"]),
            HeadText(lines: ["GET /!\"$%&'()*+,-.:;<=>@[\\]^_`{|}~ HTTP/1.1", "Host: a-b.c_d:80"]),
            HeadText(lines: ["GET http://a.example:80 HTTP/1.1", "Host: a"]),
            HeadText(lines: ["GET wss://a?b HTTP/1.1", "Host: a"]), HeadText(lines: ["GET //a/b HTTP/1.1", "Host: a"]),
            HeadText(lines: ["BREW /pot HTTP/1.1", "Host: a"]), HeadText(lines: ["get / HTTP/1.1", "Host: a"]),
            HeadText(lines: ["POST / HTTP/1.1", "Host: a", "Content-Length: 5", "", "hello"]),
        ])
    func accepted(_ head: HeadText) throws {
        _ = try ReadRequest(head)
        #expect(RequestHeadOracle.disagreement(over: head.bytes) == nil)
    }

    @Test("a malformed head is refused, and says why", arguments: Self.malformedLines + Self.malformedFields)
    func refused(_ row: Row) {
        #expect(throws: row.failure) { try ReadRequest(row.head) }
        #expect(row.failure.status == .badRequest)
    }

    static let malformedLines: [Row] = [
        Row("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row(" GET / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET / HTTP/1.1\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET / HTTP/1.1\rHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET / http/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET / HTTP/1.10\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET /\r\n\r\n", .malformedRequestLine),
        Row("GET \r\n\r\n", .malformedRequestLine),
        Row("GET\r\n\r\n", .malformedRequestLine),
        Row("G\0T / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("G(T / HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET /é HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("GET /\u{7F} HTTP/1.1\r\nHost: a\r\n\r\n", .malformedRequestLine),
        Row("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0", .malformedRequestLine),
        Row("GET x HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        Row("GET *x HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        Row("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        Row("GET ?a HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        Row("GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        Row("GET http:/x HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        Row("GET http:// HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        Row("GET http HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        Row("GET ://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        Row("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        Row("CONNECT a.example:443 HTTP/1.1\r\nHost: a\r\n\r\n", .malformedTarget),
        Row("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .unsupportedVersion),
        Row("GET / HTTP/1.2\r\nHost: a\r\n\r\n", .unsupportedVersion),
        Row("GET / HTTP/0.9\r\nHost: a\r\n\r\n", .unsupportedVersion),
        Row("GET / HTTP/3\r\nHost: a\r\n\r\n", .unsupportedVersion),
        Row("GET / HTTP/11\r\nHost: a\r\n\r\n", .unsupportedVersion),
    ]

    static let malformedFields: [Row] = [
        Row("GET / HTTP/1.1\r\n Host: a\r\n\r\n", .malformedField),
        Row(.get("X : a"), .malformedField), Row(.get("X\t: a"), .malformedField), Row(.get("X"), .malformedField),
        Row(.get(": a"), .malformedField), Row(.get("X y: a"), .malformedField), Row(.get("X\0: a"), .malformedField),
        Row(.get("Ä: a"), .malformedField), Row(.get("X: a\0b"), .malformedField),
        Row(.get("X: a\u{1}"), .malformedField),
        Row(.get("X: a\u{7F}"), .malformedField), Row(.get("X: a\u{B}"), .malformedField),
        Row(.get("X: a", " b"), .malformedField), Row(.get("X: a", "\tb"), .malformedField),
        Row(.get("X: a", " "), .malformedField), Row(.get("X:", " b: c"), .malformedField),
        Row(.get("X: a\rb"), .malformedField), Row(.get("X: a\nY: b"), .malformedField),
        Row(.get("X: a\r\rY: b"), .malformedField), Row(.get("X: a\n"), .malformedField),
        Row("GET / HTTP/1.1\r\nHost: a\r\n\n", .malformedField), Row("GET / HTTP/1.1\r\nHost: a\n\n", .malformedField),
        Row("GET / HTTP/1.1\r\nHost: a\r\n\rX", .malformedField),
        Row("GET / HTTP/1.1\r\n\r\n", .malformedHost), Row(.get("Host: a"), .malformedHost),
        Row(.get("host: b"), .malformedHost), Row("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", .malformedHost),
        Row("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", .malformedHost),
        Row("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", .malformedHost),
        Row("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", .malformedHost),
        Row("GET / HTTP/1.1\r\nHost: é\r\n\r\n", .malformedHost),
        Row(.get("Content-Length:"), .malformedContentLength), Row(.get("Content-Length: +5"), .malformedContentLength),
        Row(.get("Content-Length: -5"), .malformedContentLength),
        Row(.get("Content-Length: 5, 5"), .malformedContentLength),
        Row(.get("Content-Length: 0x5"), .malformedContentLength),
        Row(.get("Content-Length: 5 5"), .malformedContentLength),
        Row(.get("Content-Length: 5\t"), .malformedContentLength),
        Row(.get("Content-Length: 5 \t "), .malformedContentLength),
        Row(.get("Content-Length: 5a"), .malformedContentLength),
        Row(.get("Content-Length: 1e1"), .malformedContentLength),
        Row(.get("Content-Length: 9223372036854775808"), .malformedContentLength),
        Row(.get("Content-Length: 18446744073709551617"), .malformedContentLength),
        Row(.get("Content-Length: 5", "content-length: 5"), .malformedContentLength),
        Row(.get("Content-Length: 5", "Content-Length: 6"), .malformedContentLength),
        Row(.get("Content-Length: 5", "Transfer-Encoding: chunked"), .ambiguousBodyLength),
        Row(.get("Transfer-Encoding: chunked", "Content-Length: 0"), .ambiguousBodyLength),
        Row(.get("Transfer-Encoding: xchunked"), .unsupportedTransferEncoding),
        Row(.get("Transfer-Encoding: chunked, identity"), .unsupportedTransferEncoding),
        Row(.get("Transfer-Encoding: identity, chunked"), .unsupportedTransferEncoding),
        Row(.get("Transfer-Encoding: chunked, chunked"), .unsupportedTransferEncoding),
        Row(.get("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), .unsupportedTransferEncoding),
        Row(.get("Transfer-Encoding: chunked", "Transfer-Encoding: identity"), .unsupportedTransferEncoding),
        Row(.get("Transfer-Encoding: gzip"), .unsupportedTransferEncoding),
        Row(.get("Transfer-Encoding:"), .unsupportedTransferEncoding),
        Row(.get("Transfer-Encoding: \"chunked\""), .unsupportedTransferEncoding),
        Row(.get("Transfer-Encoding: chunked;a=b"), .unsupportedTransferEncoding),
        Row("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .unsupportedTransferEncoding),
    ]
}

@Suite("The connection fields of a request head")
struct RequestHeadConnectionTests {
    private func read(_ lines: [String]) throws -> RequestHead {
        try ReadRequest(HeadText(lines: lines)).head
    }

    @Test(
        "the version and the Connection fields decide if the connection stays open",
        arguments: [
            ("1.1", [], true), ("1.0", [], false), ("1.1", ["close"], false), ("1.1", ["CLOSE"], false),
            ("1.0", ["keep-alive"], true), ("1.0", ["Keep-Alive, close"], false),
            ("1.1", ["x", "a,\tclose ,b"], false),
            ("1.0", ["x", "keep-alive"], true), ("1.1", ["closed"], true), ("1.1", ["not close"], true),
            ("1.1", [""], true),
        ] as [(String, [String], Bool)])
    func keepAlive(version: String, values: [String], isKeepAlive: Bool) throws {
        let head = try read(["GET / HTTP/\(version)", "Host: a"] + values.map { "Connection: \($0)" })
        #expect(head.isKeepAlive == isKeepAlive)
    }

    @Test(
        "a body is announced by a length over 0 or by chunks, and closes the connection",
        arguments: [
            (nil, false), ("Content-Length: 0", false), ("Content-Length: 1", true),
            ("Transfer-Encoding: chunked", true),
            ("Content-Length: 000", false),
        ] as [(String?, Bool)])
    func body(field: String?, hasBody: Bool) throws {
        let head = try read(["POST / HTTP/1.1", "Host: a"] + (field.map { [$0] } ?? []))
        #expect(head.hasBody == hasBody)
        #expect(head.isKeepAlive == !hasBody)
    }

    @Test(
        "an upgrade to WebSocket is a GET with both tokens, in any list and any case",
        arguments: [
            ("GET", ["Connection: Upgrade", "Upgrade: websocket"], true),
            ("GET", ["Connection: keep-alive, UPGRADE", "Upgrade: h2c, WebSocket"], true),
            ("GET", ["Connection: keep-alive", "Connection: upgrade", "Upgrade: websocket"], true),
            ("POST", ["Connection: Upgrade", "Upgrade: websocket"], false),
            ("GET", ["Upgrade: websocket"], false), ("GET", ["Connection: Upgrade"], false),
            ("GET", ["Connection: Upgrade", "Upgrade: h2c"], false),
            ("GET", ["Connection: Upgrade", "Upgrade: websocket/13"], false),
            ("GET", ["Connection: Upgrades", "Upgrade: websocket"], false),
        ] as [(String, [String], Bool)])
    func upgrade(method: String, fields: [String], isUpgrade: Bool) throws {
        let head = try read(["\(method) / HTTP/1.1", "Host: a"] + fields)
        #expect(head.isWebSocketUpgrade == isUpgrade)
    }

    @Test(
        "five methods are distinguished, in their exact case",
        arguments: [
            ("GET", HTTPMethod.get), ("HEAD", .head), ("OPTIONS", .options), ("get", .other), ("GETS", .other),
            ("PUT", .put), ("put", .other), ("PUTS", .other), ("DELETE", .delete), ("Delete", .other),
            ("HEAT", .other), ("DELETF", .other), ("!", .other),
        ])
    func method(name: String, method: HTTPMethod) throws {
        #expect(try read(["\(name) / HTTP/1.1", "Host: a"]).method == method)
    }

    @Test("fields are found by name in any case, singly, all together, or as one list")
    func lookup() throws {
        let text = HeadText.get("X-List: a,, b ", "x-list:", "X-LIST: c", "X-Other: \u{FF}")
        var bytes = text.bytes
        // The last value's two bytes of UTF-8, made into something that is none.
        let last = try #require(bytes.lastIndex(of: 0xBF))
        bytes[last] = 0xFF
        let list = try #require(HeaderName("X-List"))
        let other = try #require(HeaderName("x-other"))
        let request = try ReadRequest(bytes)
        #expect(request.text(list) == "a,, b")
        #expect(request.onlyValue(list) == nil)
        #expect(request.onlyValue(.host) == "a")
        #expect(request.values(list) == ["a,, b", "", "c"])
        #expect(request.elements(of: list) == ["a", "b", "c"])
        #expect(request.contains(.host))
        #expect(!request.contains(.origin))
        #expect(request.text(other) == "\u{FFFD}\u{FFFD}")
    }

    @Test("a header name must be a token", arguments: ["", "a b", "a:", "é", "a\r\n"])
    func headerName(text: String) {
        #expect(HeaderName(text) == nil)
    }
}
