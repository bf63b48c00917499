internal import RelayCore

/// The relay's state of a WebSocket: its seat, its origin and its client.
final class RelaySession {
    /// Nil before it has joined, and after it has left.
    var room: LiveRoom?
    let origin: Origin
    // Every WebSocket has a session, so small fields stand where no padding comes between.
    /// What the search for the room in its path has come to, until it joins that room.
    private var search: PathSearch?
    /// True for a client that understands more than the original protocol.
    var asksForMore = false
    /// The client, also behind a proxy.
    let caller: Caller
    var slot = Slot.host

    init(origin: Origin, request: Request) {
        self.origin = origin
        caller = request.caller
        search = request.search
    }

    /// True if its room may be elsewhere, and nobody could tell when it was let in.
    func isUndecided(about code: RoomCode) -> Bool { search == .undecided(code) }

    /// Takes the account of the search for a room, if there was one; it counts for one `join`.
    func takeSearch(for code: RoomCode?) -> PathSearch? {
        guard let code, search == .paid(code) || search == .refused(code) else { return nil }
        defer { search = nil }
        return search
    }
}

extension RelayConnection {
    /// The session that this WebSocket was opened with.
    var relaySession: RelaySession {
        guard let session else { preconditionFailure("only a WebSocket is asked for its session") }
        return session
    }

    /// Lends the room that this connection sits in and its slot there, or throws `.notInRoom`.
    ///
    /// Called for every message, so no references are counted: within a call of the handler no connection loses its
    /// session, and during `use` no member may leave the room.
    @inline(__always)
    func withRoom(_ use: (LiveRoom, Slot) throws(RelayError) -> Void) throws(RelayError) {
        let session = unsafe Unmanaged.passUnretained(relaySession)
        // `_withUnsafeGuaranteedRef` rethrows without a type, hence the results.
        let outcome: Result<Void, RelayError> = unsafe session._withUnsafeGuaranteedRef { session in
            // Bound to a name, the room itself would be retained.
            guard let room = unsafe session.room.map({ unsafe Unmanaged.passUnretained($0) }) else {
                return .failure(.notInRoom)
            }
            return unsafe room._withUnsafeGuaranteedRef { room in
                Result { () throws(RelayError) in try use(room, session.slot) }
            }
        }
        try outcome.get()
    }
}
