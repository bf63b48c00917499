/// What a close code says.
///
/// The relay's own are in Sources/PROTOCOL.md; the others are those of RFC 6455 and its registry, from the relay or from a proxy.
struct CloseCode: Hashable, Sendable {
    /// Nil for a connection that was cut, or closed without a code.
    let number: Int?

    /// Why the connection has ended.
    var reason: PartyError.Code {
        switch number {
        case 4000: .replaced
        case 4001: .roomClosed
        case 4003: .kicked
        default: .unreachable
        }
    }

    /// The shortest wait before the next attempt: none where the other side or the connection is gone, and a second
    /// where something is wrong there or in between.
    var wait: Duration {
        // 1006 stands for a connection that was cut.
        switch number ?? 1006 {
        case ...1006, 1012: .zero
        default: .seconds(1)
        }
    }

    /// Whether the machine of before is not the one to ask: it restarts, or has handed the room over.
    var hasMoved: Bool { number == 1012 }
}
