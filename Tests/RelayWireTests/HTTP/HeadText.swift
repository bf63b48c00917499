import RelayWire
import Testing

/// A head as a test writes it, with its bytes.
struct HeadText: Sendable, CustomTestStringConvertible {
    let text: String
    let bytes: [UInt8]

    init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// A request of these lines, each of which gets its line end, and the empty line.
    init(lines: [String]) {
        self.init((lines + ["", ""]).joined(separator: "\r\n"))
    }

    /// `GET /` with a host and these lines.
    static func get(_ lines: String...) -> HeadText {
        HeadText(lines: ["GET / HTTP/1.1", "Host: a"] + lines)
    }

    var testDescription: String {
        text.debugDescription
    }

    /// The request of a browser behind the platform's proxy.
    static let browserUpgrade = HeadText(lines: [
        "GET /ABCDEF HTTP/1.1",
        "Host: play.example.com",
        "Connection: Upgrade",
        "Pragma: no-cache",
        "Cache-Control: no-cache",
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36",
        "Upgrade: websocket",
        "Origin: https://game.example.com",
        "Sec-WebSocket-Version: 13",
        "Accept-Encoding: gzip, deflate, br, zstd",
        "Accept-Language: en-GB,en;q=0.9,nl;q=0.8",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    ])
}

/// A request head together with the bytes that it was read from.
struct ReadRequest {
    let head: RequestHead
    let bytes: [UInt8]

    init(_ text: HeadText) throws {
        try self.init(text.bytes)
    }

    init(_ bytes: [UInt8]) throws {
        var parser = RequestHeadParser()
        let head = try parser.parse(bytes.span)
        self.head = try #require(head)
        self.bytes = bytes
    }

    var target: String {
        text(of: head.target)
    }

    func text(of range: Range<Int>) -> String {
        bytes.span.text(in: range)
    }

    func text(_ name: HeaderName) -> String? {
        head.text(name, in: bytes.span)
    }

    func onlyValue(_ name: HeaderName) -> String? {
        head.onlyValue(name, in: bytes.span).map(text(of:))
    }

    func values(_ name: HeaderName) -> [String] {
        head.values(name, in: bytes.span).map(text(of:))
    }

    func elements(of name: HeaderName) -> [String] {
        head.elements(of: name, in: bytes.span).map(text(of:))
    }

    func contains(_ name: HeaderName) -> Bool {
        head.contains(name, in: bytes.span)
    }
}
