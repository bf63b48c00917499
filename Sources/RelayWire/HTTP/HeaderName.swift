/// A field name to look for, in lower case: names are compared without regard to case.
package struct HeaderName: Hashable, Sendable, CustomStringConvertible {
    let bytes: [UInt8]

    /// Nil for a text that is not a token and so cannot be a field name.
    package init?(_ text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy(ByteClass.isToken) else { return nil }
        bytes = text.utf8.map(ByteClass.lowercased)
    }

    private init(known text: String) {
        bytes = Array(text.utf8)
    }

    package var description: String {
        String(decoding: bytes, as: UTF8.self)
    }

    package static let connection = HeaderName(known: "connection")
    package static let contentLength = HeaderName(known: "content-length")
    package static let expect = HeaderName(known: "expect")
    package static let flyClientIP = HeaderName(known: "fly-client-ip")
    package static let flyForwardedPort = HeaderName(known: "fly-forwarded-port")
    package static let flyReplayFailed = HeaderName(known: "fly-replay-failed")
    package static let flyReplaySource = HeaderName(known: "fly-replay-src")
    package static let forwarded = HeaderName(known: "forwarded")
    package static let host = HeaderName(known: "host")
    package static let ifNoneMatch = HeaderName(known: "if-none-match")
    package static let origin = HeaderName(known: "origin")
    package static let secWebSocketAccept = HeaderName(known: "sec-websocket-accept")
    package static let secWebSocketExtensions = HeaderName(known: "sec-websocket-extensions")
    package static let secWebSocketKey = HeaderName(known: "sec-websocket-key")
    package static let secWebSocketProtocol = HeaderName(known: "sec-websocket-protocol")
    package static let secWebSocketVersion = HeaderName(known: "sec-websocket-version")
    package static let transferEncoding = HeaderName(known: "transfer-encoding")
    package static let upgrade = HeaderName(known: "upgrade")
    package static let via = HeaderName(known: "via")
    package static let xForwardedFor = HeaderName(known: "x-forwarded-for")
    package static let xForwardedProto = HeaderName(known: "x-forwarded-proto")
    package static let xRealIP = HeaderName(known: "x-real-ip")

    /// True if `range` is this name, in any case.
    func matches(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        bytes.equalsIgnoringCase(self.bytes, in: range)
    }
}
