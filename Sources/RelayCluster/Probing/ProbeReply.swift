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

/// Evaluates the response to a probe, part by part, and as early as possible.
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
    /// The number of matching bytes of a room's description, once a status of 200 announced one.
    private var matched: Int?

    init(to question: ProbeQuestion, from machine: InstanceID) {
        self.question = question
        self.machine = machine
    }

    mutating func head(_ head: HTTPResponseHead) -> ProbeOutcome? {
        guard head.headers["X-Instance-Id"].allSatisfy({ $0 == machine.text }) else { return .failed(.otherMachine) }
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
        guard var matched else { return nil }
        for byte in bytes.readableBytesView {
            guard byte == ProbeReply.opening[matched] else { return .failed(.noRoom) }
            matched += 1
            if matched == ProbeReply.opening.count { return .found }
        }
        self.matched = matched
        return nil
    }

    /// The body has ended before it was decisive.
    func end() -> ProbeOutcome {
        .failed(.noRoom)
    }
}
