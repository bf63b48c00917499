internal import NIOCore
internal import NIOHTTP1
internal import RelayCore

/// The question that a probe asks.
enum ProbeQuestion: Equatable {
    /// Do you have this room?
    case room(RoomCode)
    /// Do you take new games?
    case readiness

    var path: String {
        switch self {
        case .room(let code): "/room/\(code)"
        case .readiness: "/ready"
        }
    }
}

/// Evaluates the answer to a question, part by part, and as early as possible.
///
/// Asked for a room, a 404 is a no by its head alone. A 200 counts only if it is a relay's: it begins with the first
/// bytes of a room's description, and names no other machine. So a stray service that answers 200 to everything holds
/// no rooms.
///
/// Asked for readiness, a 5xx status is a no: a relay that drains or is full answers 503. Everything else is a yes: relays that do
/// not know the question answer in many ways, and take games.
struct ProbeReply {
    /// The beginning of a room's description.
    private static let opening = Array("{\"clients\":".utf8)

    private let question: ProbeQuestion
    private let machine: InstanceID
    /// The number of matching bytes of a room's description, while a status of 200 has announced one.
    private var matched: Int?
    private var isDecided = false
    /// True if a relay of this kind has answered. It alone says which of its header fields a page may read, or that no
    /// answer may be stored; the original says neither. Whoever does so keeps connections, and answers questions in turn.
    private(set) var isRelay = false
    /// True if another question may follow on the connection.
    private(set) var isKeptAlive = false

    init(to question: ProbeQuestion, from machine: InstanceID) {
        self.question = question
        self.machine = machine
    }

    mutating func head(_ head: HTTPResponseHead) -> ProbeOutcome? {
        isKeptAlive = head.version == .http1_1 && head.isKeepAlive
        isRelay =
            head.version == .http1_1
            && (head.headers[canonicalForm: "Access-Control-Expose-Headers"].contains("X-Instance-Id")
                || head.headers[canonicalForm: "Cache-Control"].contains("no-store"))
        return decide(outcome(of: head))
    }

    private mutating func outcome(of head: HTTPResponseHead) -> ProbeOutcome? {
        guard head.isOf(machine) else { return .failed(.otherMachine) }
        switch (question, head.status) {
        case (.room, .notFound): return .notFound
        case (.room, .ok):
            matched = 0
            return nil
        case (.readiness, let status) where status.code < 500: return .found
        case (_, let status): return .failed(.status(status.code))
        }
    }

    mutating func body(_ bytes: ByteBuffer) -> ProbeOutcome? {
        guard !isDecided, var matched else { return nil }
        for byte in bytes.readableBytesView {
            guard byte == ProbeReply.opening[matched] else { return decide(.failed(.noRoom)) }
            matched += 1
            if matched == ProbeReply.opening.count { return decide(.found) }
        }
        self.matched = matched
        return nil
    }

    /// The answer has ended: if it was not decisive, it describes no room.
    mutating func end() -> ProbeOutcome? {
        isDecided ? nil : decide(.failed(.noRoom))
    }

    private mutating func decide(_ outcome: ProbeOutcome?) -> ProbeOutcome? {
        if outcome != nil { isDecided = true }
        return outcome
    }
}
