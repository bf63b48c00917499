/// The resource that a path names, as far as routing distinguishes them.
package enum Endpoint: Hashable, Sendable {
    case health
    case ready
    case metrics
    case file(ServedFile)
    /// `/room/X`, exactly two segments; nil when X is not a code.
    case room(RoomCode?)
    /// `/CODE`, the WebSocket of a room.
    case code(RoomCode)
    case other

    /// Reads a path that is already percent-decoded. Empty segments name nothing: `/CODE/` and `//CODE` are `/CODE`.
    package init(path: Span<UInt8>) {
        var segments = PathSegments()
        let first = segments.next(in: path)
        let second = segments.next(in: path)
        let isLonger = segments.next(in: path) != nil
        switch (first, second) {
        case (let name?, nil):
            self = Endpoint(segment: path.extracting(name))
        case (let name?, let code?) where !isLonger && path.extracting(name).isEqual(to: "room"):
            self = .room(RoomCode(path.extracting(code)))
        default:
            self = .other
        }
    }

    /// Reads a path of one segment.
    private init(segment: Span<UInt8>) {
        if segment.isEqual(to: "health") {
            self = .health
        } else if segment.isEqual(to: "ready") {
            self = .ready
        } else if segment.isEqual(to: "metrics") {
            self = .metrics
        } else if let code = RoomCode(segment) {
            self = .code(code)
        } else if let file = ServedFile.allCases.first(where: { segment.isEqual(to: $0.rawValue) }) {
            self = .file(file)
        } else {
            self = .other
        }
    }

    /// The endpoint that somebody may mean who has typed the code of a path in lower case; nil if that is no easy code.
    package init?(inCapitals path: Span<UInt8>) {
        var segments = PathSegments()
        guard let first = segments.next(in: path) else { return nil }
        let second = segments.next(in: path)
        guard segments.next(in: path) == nil else { return nil }
        if let second {
            guard path.extracting(first).isEqual(to: "room"), let code = RoomCode(inCapitals: path.extracting(second))
            else { return nil }
            self = .room(code)
        } else {
            guard let code = RoomCode(inCapitals: path.extracting(first)) else { return nil }
            self = .code(code)
        }
    }

    /// The room named by the path: its home region decides where the request goes.
    package var homeOfRoom: RoomCode? {
        switch self {
        case .room(let code): code
        case .code(let code): code
        case .health, .ready, .metrics, .file, .other: nil
        }
    }

    /// True if this endpoint accepts upgrades; the others ignore the header. At the path of a file there is a WebSocket,
    /// too, as at any other.
    package var acceptsUpgrade: Bool {
        switch self {
        case .code, .file, .other: true
        case .health, .ready, .metrics, .room: false
        }
    }
}

/// The segments of a path that are not empty, one after the other.
private struct PathSegments {
    private var position = 0

    mutating func next(in path: Span<UInt8>) -> Range<Int>? {
        while position < path.count, path[position] == UInt8(ascii: "/") { position += 1 }
        guard position < path.count else { return nil }
        let start = position
        while position < path.count, path[position] != UInt8(ascii: "/") { position += 1 }
        return start..<position
    }
}

extension Span<UInt8> {
    fileprivate func isEqual(to text: String) -> Bool {
        guard count == text.utf8.count else { return false }
        for (index, byte) in text.utf8.enumerated() where self[index] != byte { return false }
        return true
    }
}
