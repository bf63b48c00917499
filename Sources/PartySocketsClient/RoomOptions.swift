/// How a client connects, waits and comes back. The defaults suit a game.
public struct RoomOptions: Sendable {
    /// How long `create` or `join` may take, all attempts together.
    public var timeout = Duration.seconds(10)

    /// How long to try to come back after a connection has ended.
    public var budget = Duration.seconds(180)

    /// What happens to messages that are sent while the connection is away.
    public var whileAway = WhileAway.keep

    /// The player's secret. Nil takes that of `store`, or else draws one.
    public var clientID: ClientID?

    /// Where the secrets of rooms are kept. Nil keeps them in the `Room` alone.
    public var store: ClientIDStore?

    /// The machine that is asked first: the `{instance}` of a controller URL. Nil leaves the choice to the relay.
    public var instance: String?

    /// The number of events that wait for a reader. More are dropped, and `RoomEvent.missed` says how many.
    public var eventBuffer = 1_024

    /// Silence after which the client asks whether the relay is still there.
    public var pingAfter = Duration.seconds(5)

    /// How long the answer to that may take, before the connection counts as lost.
    public var pongWithin = Duration.seconds(5)

    #if TLS
        /// A file of certificates in PEM to trust instead of the system's, for a relay with a certificate of its own.
        public var trustedCertificates: String?
    #endif

    /// The defaults.
    public init() {}

    /// What happens to messages that are sent while the connection is away.
    public enum WhileAway: Hashable, Sendable {
        /// They are sent on return: those of the last 10 s, 64 KiB at most, the oldest dropped first. Most absences end
        /// within a second, and a press of a button that is lost is worse than one that is late.
        case keep
        /// They are dropped, which suits streams of positions, where only the latest counts.
        case drop
    }

    /// What a `create` says of its room.
    struct NewRoom: Hashable, Sendable {
        var maxClients: Int
        var controllerURL: String?
        var hold: Duration?
    }
}
