/// The resource that a path names, as far as routing distinguishes them.
package enum Endpoint: Hashable, Sendable {
    case health
    case ready
    case metrics
    /// `/room/X`, exactly two segments; nil when X is not a code.
    case room(RoomCode?)
    /// `/CODE`, the WebSocket of a room.
    case code(RoomCode)
    case other

    /// Reads a path that is already percent-decoded.
    package init(path: Span<UInt8>) {
        if path.isEqual(to: "/health") {
            self = .health
        } else if path.isEqual(to: "/ready") {
            self = .ready
        } else if path.isEqual(to: "/metrics") {
            self = .metrics
        } else if path.hasOneSegment(after: "/room/") {
            self = .room(RoomCode(path.extracting(droppingFirst: 6)))
        } else if path.hasOneSegment(after: "/"), let code = RoomCode(path.extracting(droppingFirst: 1)) {
            self = .code(code)
        } else {
            self = .other
        }
    }

    /// The room named by the path: its home region decides where the request goes.
    package var homeOfRoom: RoomCode? {
        switch self {
        case .room(let code): code
        case .code(let code): code
        case .health, .ready, .metrics, .other: nil
        }
    }

    /// True if this endpoint accepts upgrades; the others ignore the header.
    package var acceptsUpgrade: Bool {
        switch self {
        case .code, .other: true
        case .health, .ready, .metrics, .room: false
        }
    }
}

extension Span<UInt8> {
    fileprivate func isEqual(to text: String) -> Bool {
        count == text.utf8.count && hasPrefix(text)
    }

    /// True if the prefix is followed by at least one byte, none of them a `/`.
    fileprivate func hasOneSegment(after prefix: String) -> Bool {
        guard count > prefix.utf8.count, hasPrefix(prefix) else { return false }
        for index in prefix.utf8.count..<count where self[index] == UInt8(ascii: "/") { return false }
        return true
    }

    private func hasPrefix(_ prefix: String) -> Bool {
        guard count >= prefix.utf8.count else { return false }
        for (index, byte) in prefix.utf8.enumerated() where self[index] != byte { return false }
        return true
    }
}
