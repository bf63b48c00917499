internal import NIOCore
internal import NIOHTTP1
internal import RelayCore

/// Judges a sibling's answer to a probe, part by part, and as early as it can be judged.
///
/// 404 is a no by its head alone. 200 is believed only if it is what a relay says: the first bytes of a room's
/// description, and no other machine's name. So a stray service that answers 200 to everything holds no rooms.
struct ProbeReply {
    /// How the description of a room begins.
    private static let opening = Array("{\"clients\":".utf8)

    private let sibling: InstanceID
    /// How many bytes of a room's description have come, once the head has announced one.
    private var matched: Int?

    init(from sibling: InstanceID) {
        self.sibling = sibling
    }

    mutating func head(_ head: HTTPResponseHead) -> ProbeOutcome? {
        guard head.status == .ok || head.status == .notFound else { return .failed(.status(head.status.code)) }
        guard head.headers["X-Instance-Id"].allSatisfy({ $0 == sibling.text }) else { return .failed(.otherMachine) }
        if head.status == .notFound { return .notFound }
        matched = 0
        return nil
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
