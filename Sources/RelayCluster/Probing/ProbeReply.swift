internal import NIOCore
internal import NIOHTTP1
internal import RelayCore

/// What one machine asks another.
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

/// Judges a machine's answer to a probe, part by part, and as early as it can be judged.
///
/// Of a room, 404 is a no by its head alone. 200 is believed only if it is what a relay says: the first bytes of a room's
/// description, and no other machine's name. So a stray service that answers 200 to everything holds no rooms.
///
/// Of readiness, an error of the machine's own is a no: 503 is what one says that drains. All else is a yes: relays that
/// know no such question answer in many ways, and take games.
struct ProbeReply {
    /// How the description of a room begins.
    private static let opening = Array("{\"clients\":".utf8)

    private let question: ProbeQuestion
    private let machine: InstanceID
    /// How many bytes of a room's description have come, once the head has announced one.
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

    /// The body has ended before it could be judged.
    func end() -> ProbeOutcome {
        .failed(.noRoom)
    }
}
