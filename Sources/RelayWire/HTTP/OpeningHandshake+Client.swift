extension OpeningHandshake {
    /// The client's side: an upgrade request, and the check of the server's response (RFC 6455, section 4.1).
    package struct Request: Sendable {
        private let host: String
        private let target: String
        private let key: [UInt8]
        private let origin: String?
        private let subprotocols: [String]
        private let headers: [HTTPHeader]

        /// - Parameters:
        ///   - host: the value of the `Host` header, with the port unless it is the default.
        ///   - target: path and query.
        ///   - nonce: 16 random bytes.
        package init(
            host: String, target: String, nonce: [UInt8], origin: String? = nil, subprotocols: [String] = [],
            headers: [HTTPHeader] = []
        ) {
            precondition(nonce.count == 16, "A handshake's nonce has 16 bytes")
            precondition(host.utf8.allSatisfy(ByteClass.isHost), "A host stays within its line")
            precondition(target.utf8.first == UInt8(ascii: "/"), "A target begins with a slash")
            precondition(target.utf8.allSatisfy(ByteClass.isVisible), "A target stays within its line")
            precondition(
                subprotocols.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(ByteClass.isToken) },
                "A subprotocol is a token")
            self.host = host
            self.target = target
            key = Base64.encode(nonce.span)
            self.origin = origin
            self.subprotocols = subprotocols
            self.headers = headers
        }

        package func append(to output: inout [UInt8]) {
            output.append(contentsOf: "GET \(target) HTTP/1.1\r\n".utf8)
            HTTPHeader("Host", host).append(to: &output)
            output.append(contentsOf: "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ".utf8)
            output.append(contentsOf: key)
            output.append(contentsOf: "\r\nSec-WebSocket-Version: 13\r\n".utf8)
            if let origin {
                HTTPHeader("Origin", origin).append(to: &output)
            }
            if !subprotocols.isEmpty {
                HTTPHeader("Sec-WebSocket-Protocol", subprotocols.joined(separator: ", ")).append(to: &output)
            }
            for header in headers {
                header.append(to: &output)
            }
            output.append(contentsOf: "\r\n".utf8)
        }

        /// Checks that the server has accepted; returns the subprotocol that it chose, if any.
        package func verify(_ head: ResponseHead, in bytes: Span<UInt8>) throws(Refusal) -> String? {
            guard head.statusCode == 101 else { throw .status(head.statusCode) }
            guard head.minorVersion >= 1, head.isWebSocketUpgrade else { throw .notUpgraded }
            guard
                let accept = head.onlyValue(.secWebSocketAccept, in: bytes),
                bytes.equals(OpeningHandshake.acceptKey(for: key.span), in: accept)
            else { throw .wrongAcceptKey }
            guard head.elements(of: .secWebSocketExtensions, in: bytes).isEmpty else { throw .unofferedExtension }
            guard head.contains(.secWebSocketProtocol, in: bytes) else { return nil }
            guard let chosen = head.onlyValue(.secWebSocketProtocol, in: bytes) else { throw .unofferedSubprotocol }
            let subprotocol = bytes.text(in: chosen)
            guard subprotocols.contains(subprotocol) else { throw .unofferedSubprotocol }
            return subprotocol
        }
    }

    /// The reason why a client rejects a response.
    package enum Refusal: Error, Hashable, Sendable {
        case status(Int)
        case notUpgraded
        case wrongAcceptKey
        case unofferedExtension
        case unofferedSubprotocol
    }
}
