internal import RelayWire

/// The reason for which a WebSocket handshake was refused, as metrics and the log have it.
package enum HandshakeRefusal: String, CounterKey {
    /// A proxy has taken `Upgrade` or `Connection` away, or changed it.
    case upgradeMissing = "upgrade_missing"
    case connectionMissing = "connection_missing"
    case bothMissing = "upgrade_and_connection_missing"
    /// The request came in HTTP/1.0, as proxies write it unless told otherwise.
    case httpVersion = "http_version"
    case webSocketVersion = "websocket_version"
    case webSocketKey = "websocket_key"
    /// It had a body, or a path that cannot be read.
    case malformed
    /// The page's origin is none of `ALLOWED_ORIGINS`.
    case origin
    /// `MAX_CONNECTIONS` is reached.
    case full
    /// This loop is about to end.
    case stopping
}

extension HandshakeRefusal {
    init(_ failure: HTTPFailure) {
        self =
            switch failure {
            case .upgradeMissing: .upgradeMissing
            case .connectionMissing: .connectionMissing
            case .upgradeAndConnectionMissing: .bothMissing
            case .upgradeNeedsHTTP11: .httpVersion
            case .webSocketVersionMissing, .webSocketVersionUnsupported: .webSocketVersion
            case .malformedWebSocketKey: .webSocketKey
            case .notAnUpgrade, .upgradeWithBody: .malformed
            case .malformedRequestLine, .malformedTarget, .unsupportedVersion, .malformedField, .tooManyFields,
                .headTooLarge, .malformedHost, .malformedContentLength, .unsupportedTransferEncoding,
                .ambiguousBodyLength, .bodyLengthMissing, .bodyTooLarge, .malformedStatusLine:
                .malformed
            }
    }
}
