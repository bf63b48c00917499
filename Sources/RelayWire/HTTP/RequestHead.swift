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
    /// True if another request may follow on this connection: the client wants it, and there is no body, which nobody
    /// here would read.
    package let isKeepAlive: Bool
    /// True if a body follows the head. Bodies are not read: answer, then close.
    package let hasBody: Bool
    /// True if `Upgrade` offers the WebSocket protocol.
    let offersWebSocket: Bool
    /// True if `Connection` has the option that makes `Upgrade` count.
    let asksToUpgrade: Bool

    /// True if the client asks for the WebSocket protocol; `OpeningHandshake` checks if it does so correctly.
    package var isWebSocketUpgrade: Bool { method == .get && asksToUpgrade && offersWebSocket }

    init(method: HTTPMethod, target: Range<Int>, minorVersion: Int, parsed: FieldParser) {
        let connection = parsed.connection
        self.method = method
        self.target = target
        self.minorVersion = minorVersion
        fields = parsed.fields
        length = parsed.position
        hasBody = connection.isChunked || (connection.contentLength ?? 0) > 0
        isKeepAlive = connection.keepsAlive(minorVersion: minorVersion) && !hasBody
        offersWebSocket = connection.offersWebSocket
        asksToUpgrade = connection.asksToUpgrade
    }
}
