package import RelayCore
package import RelayWire

/// The answers to plain requests, from the state of the engine at that moment.
///
/// Called on the loops' threads, so an answer must not block.
package protocol HTTPService: Sendable {
    func health() -> HTTPResponse
    /// The answer to `/ready`: new games may be sent here, or not.
    ///
    /// - Parameter takesRooms: true if other machines may hand their rooms over to this one.
    func ready(_ readiness: Readiness, takesRooms: Bool) -> HTTPResponse
    func metrics(_ statistics: EngineStatistics) -> HTTPResponse
    /// - Parameter room: nil if there is no such room here.
    func room(_ room: RoomSummary?) -> HTTPResponse
    /// - Parameter seconds: the time after which the client may ask again.
    func tooManyAttempts(retryAfter seconds: Int) -> HTTPResponse
    /// The answer to a request for a room of which nobody can tell where it is.
    func unknown(retryAfter seconds: Int) -> HTTPResponse
    /// The answer to a request for a file.
    ///
    /// - Parameter hasCurrent: true if the client has the file of this tag, and need not be sent it.
    func file(_ file: ServedFile, hasCurrent: (EntityTag) -> Bool) -> HTTPResponse
    /// The front page, which also answers every request for an unknown path, so it must be cheap.
    func front(rooms: Int, clients: Int) -> HTTPResponse
}

/// A room as `GET /room/CODE` shows it.
package struct RoomSummary: Sendable {
    package let clients: Int
    package let maxClients: Int
    /// The `Origin` of the room's creator.
    package let origin: String
    package let url: String?
    /// Places that are kept for members who are not connected.
    package let held: Int
    /// True if nobody gets in who has no slot.
    package let isLocked: Bool

    package init(clients: Int, maxClients: Int, origin: String, url: String?, held: Int = 0, isLocked: Bool = false) {
        self.clients = clients
        self.maxClients = maxClients
        self.origin = origin
        self.url = url
        self.held = held
        self.isLocked = isLocked
    }
}
