internal import RelayWire

/// The upgrade request of all clients of a loop, and the check of the server's answer.
struct UpgradeRequest: Sendable {
    let bytes: [UInt8]
    private let handshake: OpeningHandshake.Request

    /// The verdict on the bytes received so far.
    enum Answer: Hashable, Sendable {
        case incomplete
        /// It has not, for this reason.
        case refused(String)
        /// The server has accepted, with a response head of this length.
        case agreed(Int)
    }

    init(url: ServerURL, nonce: [UInt8]) {
        handshake = OpeningHandshake.Request(
            host: url.authority, target: url.target, nonce: nonce, origin: UpgradeRequest.origin)
        var bytes: [UInt8] = []
        handshake.append(to: &bytes)
        self.bytes = bytes
    }

    /// Parses everything received since the request.
    func answer(in bytes: Span<UInt8>) -> Answer {
        do {
            var parser = ResponseHeadParser()
            guard let head = try parser.parse(bytes) else { return .incomplete }
            _ = try handshake.verify(head, in: bytes)
            return .agreed(head.length)
        } catch OpeningHandshake.Refusal.status(let status) {
            return .refused(UpgradeRequest.reason(ofStatus: status))
        } catch is OpeningHandshake.Refusal {
            return .refused("its answer to the upgrade agrees to no WebSocket")
        } catch {
            return .refused("it does not speak HTTP")
        }
    }

    /// What a relay means by a status, and what helps.
    private static func reason(ofStatus status: Int) -> String {
        let meaning =
            switch status {
            case 403: "ALLOWED_ORIGINS does not have \(UpgradeRequest.origin)"
            case 409: "the request belongs to another machine; load them through their proxy"
            case 429: "this address has asked for too many unknown codes, see MISSES_PER_MINUTE"
            case 503: "it is full, see MAX_CONNECTIONS and MAX_CONNECTIONS_PER_ADDRESS"
            default: "that is no relay's answer at this path"
            }
        return "it answers the upgrade with status \(status): \(meaning)"
    }

    private static let origin = "http://party-load.invalid"
}
