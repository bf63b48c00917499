/// The reason why a request's head or body, or the WebSocket upgrade it asks for, is refused.
///
/// The connection is out of step with its peer after any of these: answer with `response`, then close.
package enum HTTPFailure: Error, Hashable, Sendable {
    // The head itself.
    case malformedRequestLine
    case malformedTarget
    case unsupportedVersion
    case malformedField
    case tooManyFields
    case headTooLarge
    case malformedHost
    case malformedContentLength
    case unsupportedTransferEncoding
    case ambiguousBodyLength
    // A body that would be read.
    case bodyLengthMissing
    case bodyTooLarge
    // The status line of a response, which only the client role reads.
    case malformedStatusLine
    // The opening handshake (RFC 6455, section 4.2).
    case notAnUpgrade
    /// `Upgrade` does not offer WebSocket, or did not arrive.
    case upgradeMissing
    /// `Connection` has no option `Upgrade`, or did not arrive.
    case connectionMissing
    case upgradeAndConnectionMissing
    case upgradeNeedsHTTP11
    case upgradeWithBody
    case webSocketVersionMissing
    case webSocketVersionUnsupported
    case malformedWebSocketKey

    package var status: HTTPStatus {
        switch self {
        case .headTooLarge, .tooManyFields: .headTooLarge
        case .bodyLengthMissing: .lengthRequired
        case .bodyTooLarge: .contentTooLarge
        case .webSocketVersionUnsupported, .upgradeMissing, .connectionMissing, .upgradeAndConnectionMissing:
            .upgradeRequired
        default: .badRequest
        }
    }

    /// A short reason for the person who reads the answer; it reveals nothing of the relay's internals.
    package var reason: String {
        switch self {
        case .malformedRequestLine: "malformed request line"
        case .malformedTarget: "malformed request target"
        case .unsupportedVersion: "only HTTP/1.0 and HTTP/1.1 are spoken here"
        case .malformedField: "malformed header field"
        case .tooManyFields: "too many header fields"
        case .headTooLarge: "request head too large"
        case .malformedHost: "one well-formed Host is required"
        case .malformedContentLength: "malformed Content-Length"
        case .unsupportedTransferEncoding: "unsupported Transfer-Encoding"
        case .ambiguousBodyLength: "Content-Length and Transfer-Encoding exclude each other"
        case .bodyLengthMissing: "Content-Length is required"
        case .bodyTooLarge: "request body too large"
        case .malformedStatusLine: "malformed status line"
        case .notAnUpgrade: "not a WebSocket upgrade"
        case .upgradeMissing:
            HTTPFailure.lost("the header \"Upgrade: websocket\"", nginx: "proxy_set_header Upgrade $http_upgrade;")
        case .connectionMissing:
            HTTPFailure.lost("the header \"Connection: Upgrade\"", nginx: "proxy_set_header Connection \"Upgrade\";")
        case .upgradeAndConnectionMissing:
            HTTPFailure.lost(
                "the headers \"Upgrade: websocket\" and \"Connection: Upgrade\"",
                nginx: "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection \"Upgrade\";")
        case .upgradeNeedsHTTP11:
            "a WebSocket upgrade needs HTTP/1.1: let the proxy in front speak it (nginx: proxy_http_version 1.1;)"
        case .upgradeWithBody: "a WebSocket upgrade has no body"
        case .webSocketVersionMissing: "one Sec-WebSocket-Version is required"
        case .webSocketVersionUnsupported: "only WebSocket version 13 is spoken here"
        case .malformedWebSocketKey: "one well-formed Sec-WebSocket-Key is required"
        }
    }

    /// The sentence about a handshake that has lost fields, for whoever looks after the proxy.
    private static func lost(_ fields: String, nginx: String) -> String {
        "\(fields) of this WebSocket handshake did not arrive: let the proxy in front pass on Upgrade and Connection, "
            + "over HTTP/1.1 (nginx: proxy_http_version 1.1; \(nginx))"
    }

    /// The complete response, with the header that tells a client which WebSocket version to use.
    package var response: HTTPResponse {
        var headers: [HTTPHeader] = []
        if self == .webSocketVersionUnsupported {
            headers.append(HTTPHeader("Sec-WebSocket-Version", "13"))
        }
        return HTTPResponse(
            status, contentType: "text/plain; charset=utf-8", body: Array("\(reason)\n".utf8), headers: headers)
    }
}
