/// The request line and the header fields of one request, as offsets into the bytes that it was parsed from.
package struct RequestHead: MessageHead, Sendable {
    package let method: HTTPMethod
    /// Visible ASCII: a path with its query, an absolute URI, or `*`.
    package let target: Range<Int>
    /// 0 or 1: the version is HTTP/1.0 or HTTP/1.1.
    package let minorVersion: Int
    package let fields: [HeaderField]
    /// The bytes up to and with the empty line; what follows is the next request, or the first frames.
    package let length: Int
    /// Whether another request may follow on this connection: the client wants it, and no body, which nobody here would
    /// read, comes in between.
    package let isKeepAlive: Bool
    /// Whether a body follows the head. Bodies are not read: answer, then close.
    package let hasBody: Bool
    /// Whether the client asks for the WebSocket protocol; `OpeningHandshake` says if it does so correctly.
    package let isWebSocketUpgrade: Bool

    init(method: HTTPMethod, target: Range<Int>, minorVersion: Int, parsed: FieldParser) {
        let connection = parsed.connection
        self.method = method
        self.target = target
        self.minorVersion = minorVersion
        fields = parsed.fields
        length = parsed.position
        hasBody = connection.isChunked || (connection.contentLength ?? 0) > 0
        isKeepAlive = connection.keepsAlive(minorVersion: minorVersion) && !hasBody
        isWebSocketUpgrade = method == .get && connection.asksToUpgrade && connection.offersWebSocket
    }
}
