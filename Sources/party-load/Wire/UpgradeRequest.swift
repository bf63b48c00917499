internal import RelayWire

/// The upgrade request of all clients of a loop, and the check of the server's answer.
struct UpgradeRequest: Sendable {
    let bytes: [UInt8]
    private let handshake: OpeningHandshake.Request

    /// The verdict on the bytes received so far.
    enum Answer: Hashable, Sendable {
        case incomplete
        case refused
        /// The server has accepted, with a response head of this length.
        case agreed(Int)
    }

    init(url: ServerURL, nonce: [UInt8]) {
        handshake = OpeningHandshake.Request(
            host: url.authority, target: url.target, nonce: nonce, origin: "http://party-load.invalid")
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
        } catch {
            return .refused
        }
    }
}
