/// The request line and the header fields of one request, as offsets into the bytes that it was parsed from.
package struct RequestHead: MessageHead, Sendable {
    package let method: HTTPMethod
    /// Visible ASCII: a path with its query, an absolute URI, or `*`.
    package let target: Range<Int>
    /// 0 or 1: the version is HTTP/1.0 or HTTP/1.1.
    package let minorVersion: Int
    package let fields: [HeaderField]
    /// The number of bytes up to and including the empty line; the next request, or the first frames, follow.
    package let length: Int
    /// The number of bytes of the body that follows the head; nil if it is chunked.
    package let bodyLength: Int?
    /// The position of the body in bytes that begin with this head; empty if there is none, or if it has not been read.
    package private(set) var body: Range<Int>
    /// True if the client keeps the connection open.
    private let asksToKeepAlive: Bool
    /// True if `Upgrade` offers the WebSocket protocol.
    let offersWebSocket: Bool
    /// True if `Connection` has the option that makes `Upgrade` count.
    let asksToUpgrade: Bool

    /// True if a body follows the head.
    package var hasBody: Bool { bodyLength != 0 }

    /// True if another request may follow on this connection: the client wants it, and there is no body in between that
    /// nobody has read.
    package var isKeepAlive: Bool { asksToKeepAlive && (!hasBody || !body.isEmpty) }

    /// True if the client asks for the WebSocket protocol; `OpeningHandshake` checks if it does so correctly.
    package var isWebSocketUpgrade: Bool { method == .get && asksToUpgrade && offersWebSocket }

    init(method: HTTPMethod, target: Range<Int>, minorVersion: Int, parsed: FieldParser) {
        let connection = parsed.connection
        self.method = method
        self.target = target
        self.minorVersion = minorVersion
        fields = parsed.fields
        length = parsed.position
        bodyLength = connection.isChunked ? nil : connection.contentLength ?? 0
        body = length..<length
        asksToKeepAlive = connection.keepsAlive(minorVersion: minorVersion)
        offersWebSocket = connection.offersWebSocket
        asksToUpgrade = connection.asksToUpgrade
    }

    /// The head of a request whose body has been read.
    ///
    /// - Parameter bytes: begin with the head.
    /// - Returns: nil if not all of the body is there, or if its end is not known beforehand.
    package func withBody(in bytes: Span<UInt8>) -> RequestHead? {
        guard let bodyLength, bodyLength <= bytes.count - length else { return nil }
        var whole = self
        whole.body = length..<length + bodyLength
        return whole
    }

    /// True if the client may wait for an interim answer before it sends the body (RFC 9110, section 10.1.1).
    package func expectsContinue(in bytes: Span<UInt8>) -> Bool {
        guard minorVersion >= 1 else { return false }
        return elements(of: .expect, in: bytes).contains { bytes.equalsIgnoringCase(Self.continuation, in: $0) }
    }

    private static let continuation = Array("100-continue".utf8)
}
