internal import RelayCore
internal import RelayWire

/// A valid request, with what its answer needs of its bytes and nothing else, since it may have to wait.
///
/// It is parsed once, even if it waits for a lookup or another loop answers it.
struct Request: Sendable {
    let endpoint: Endpoint
    /// The answer to its handshake, if it asks for a WebSocket.
    let upgrade: OpeningHandshake.Acceptance?
    /// The `Origin` of an upgrade, truncated.
    let originLabel: String
    /// The client, also behind a proxy.
    let caller: Caller
    /// True for a question of a sibling: it is told of dormant rooms, too.
    let isProbe: Bool
    /// True if it may be replayed to the machine to which its room was handed over.
    let mayBeSentToNewHome: Bool
    /// What a search for the room in its path has come to, if there was one.
    var search: PathSearch?

    /// True if its answer depends on whether there is the room that its path names; not so for the page at `/CODE`.
    var asksForRoom: Bool {
        if case .room = endpoint { return true }
        return upgrade != nil
    }
}

/// The room that a request is for, and what is to be done with the request if a sibling has it.
struct RoomSearch: Hashable {
    let code: RoomCode
    let ifFound: RouteDecision.NextStep
}

/// The account of a search for the room that a request's path names, which was not found.
enum PathSearch: Equatable {
    /// It has been paid for, so the `join` that follows costs no second miss.
    case paid(RoomCode)
    /// There was none, as the caller is above its limit: nobody knows whether a sibling has the room.
    case refused(RoomCode)
    /// The room may be elsewhere, and the request must not be sent on: nobody can tell.
    case undecided(RoomCode)
}
