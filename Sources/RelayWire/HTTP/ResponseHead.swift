/// The status line and the header fields of one response, as offsets into the bytes that it was parsed from.
package struct ResponseHead: MessageHead, Sendable {
    package let statusCode: Int
    /// 0 or 1: the version is HTTP/1.0 or HTTP/1.1.
    package let minorVersion: Int
    package let fields: [HeaderField]
    /// The number of bytes up to and including the empty line; the body, or the first frames, follow.
    package let length: Int
    /// Nil if the body is chunked, ends with the connection, or if the status has no body.
    package let contentLength: Int?
    package let isChunked: Bool
    /// True if the server keeps the connection open.
    package let isKeepAlive: Bool
    /// True if the server switches to the WebSocket protocol.
    package let isWebSocketUpgrade: Bool

    init(statusCode: Int, minorVersion: Int, parsed: FieldParser) {
        let connection = parsed.connection
        self.statusCode = statusCode
        self.minorVersion = minorVersion
        fields = parsed.fields
        length = parsed.position
        contentLength = connection.contentLength
        isChunked = connection.isChunked
        isKeepAlive = connection.keepsAlive(minorVersion: minorVersion)
        isWebSocketUpgrade = connection.asksToUpgrade && connection.offersWebSocket
    }
}
