package import RelayWire

/// The answers to plain requests, from what the engine knows at that moment.
///
/// Called on the loops' threads, so an answer must not wait for anything.
package protocol HTTPService: Sendable {
    func health() -> HTTPResponse
    /// Whether new games may be sent here.
    func ready(isDraining: Bool) -> HTTPResponse
    func metrics(_ statistics: EngineStatistics) -> HTTPResponse
    /// - Parameter room: nil if there is no such room here.
    func room(_ room: RoomSummary?) -> HTTPResponse
    func tooManyAttempts() -> HTTPResponse
    /// For people, and for whoever else asks for nothing in particular: so it has to be cheap.
    func front(rooms: Int, clients: Int) -> HTTPResponse
}

/// What `GET /room/CODE` tells of a room.
package struct RoomSummary: Sendable {
    package let clients: Int
    package let maxClients: Int
    /// The `Origin` of the room's creator.
    package let origin: String
    package let url: String?

    package init(clients: Int, maxClients: Int, origin: String, url: String?) {
        self.clients = clients
        self.maxClients = maxClients
        self.origin = origin
        self.url = url
    }
}
