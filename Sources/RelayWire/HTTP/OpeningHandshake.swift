/// The exchange of HTTP heads that turns a connection into a WebSocket (RFC 6455, section 4), for both roles.
package enum OpeningHandshake {
    /// A server's response to a correct upgrade request. It copies what it needs, so the request's bytes may go.
    package struct Acceptance: Hashable, Sendable {
        /// The value of `Sec-WebSocket-Accept`.
        package let acceptKey: [UInt8]
        /// The chosen subprotocol; nil if the client offered none.
        package let subprotocol: [UInt8]?
    }

    /// True if a request is meant to open a WebSocket.
    ///
    /// A proxy that was not told to pass on `Upgrade` and `Connection` takes them away, since they concern one hop only
    /// (RFC 9110, section 7.6.1), and passes on the key, which nothing but a handshake has.
    package static func isMeant(by head: RequestHead, in bytes: Span<UInt8>) -> Bool {
        head.isWebSocketUpgrade || head.method == .get && head.contains(.secWebSocketKey, in: bytes)
    }

    /// The server's side: checks a request that asks for an upgrade (RFC 6455, section 4.2.1).
    ///
    /// The relay needs no subprotocol, but a browser that offers some closes the connection unless one is chosen: so
    /// the first one is. Extensions are never accepted.
    package static func check(
        _ head: RequestHead, in bytes: Span<UInt8>
    ) throws(HTTPFailure) -> Acceptance {
        guard head.method == .get else { throw .notAnUpgrade }
        switch (head.offersWebSocket, head.asksToUpgrade) {
        case (true, true): break
        case (false, true): throw .upgradeMissing
        case (true, false): throw .connectionMissing
        case (false, false): throw .upgradeAndConnectionMissing
        }
        guard head.minorVersion >= 1 else { throw .upgradeNeedsHTTP11 }
        guard !head.hasBody else { throw .upgradeWithBody }
        guard let version = head.onlyValue(.secWebSocketVersion, in: bytes) else { throw .webSocketVersionMissing }
        guard bytes.equals(supportedVersion, in: version) else { throw .webSocketVersionUnsupported }
        guard let key = head.onlyValue(.secWebSocketKey, in: bytes), Base64.isSixteenBytes(bytes, in: key) else {
            throw .malformedWebSocketKey
        }
        return Acceptance(
            acceptKey: acceptKey(for: bytes.extracting(key)),
            subprotocol: firstSubprotocol(of: head, in: bytes).map { bytes.copy(of: $0) })
    }

    private static func firstSubprotocol(of head: RequestHead, in bytes: Span<UInt8>) -> Range<Int>? {
        guard let first = head.elements(of: .secWebSocketProtocol, in: bytes).first else { return nil }
        for index in first where !ByteClass.isToken(bytes[index]) {
            return nil
        }
        return first
    }

    /// The proof that the server has read the key: base64 of the SHA-1 of the key and a fixed text.
    static func acceptKey(for key: Span<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(key.count + uniqueText.count)
        text.append(copying: key)
        text += uniqueText
        let digest = SHA1.digest(of: text.span)
        return Base64.encode(digest.span)
    }

    /// The start of the 101 response.
    fileprivate static let switchingProtocols =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
    private static let supportedVersion = Array("13".utf8)
    private static let uniqueText = Array("258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)
}

extension OpeningHandshake.Acceptance {
    /// Appends the 101 response; from then on both sides send frames.
    package func append(to output: inout [UInt8], headers: [HTTPHeader] = [], date: DateField) {
        output.append(contentsOf: OpeningHandshake.switchingProtocols.utf8)
        output.append(contentsOf: acceptKey)
        if let subprotocol {
            output.append(contentsOf: "\r\nSec-WebSocket-Protocol: ".utf8)
            output.append(contentsOf: subprotocol)
        }
        output.append(contentsOf: "\r\n".utf8)
        ResponseFields.append(to: &output)
        output.append(contentsOf: date.line)
        for header in headers {
            header.append(to: &output)
        }
        output.append(contentsOf: "\r\n".utf8)
    }
}
