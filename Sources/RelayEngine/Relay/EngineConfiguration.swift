package import RelayCore
package import RelayWire

/// The configuration of a relay engine. Zero switches a limit off.
package struct EngineConfiguration: Sendable {
    /// Nil listens on every address, IPv6 and IPv4.
    package var host: String?
    /// 0 takes any free port.
    package var port = 3_000
    /// The admin port, 0 for any free one; nil serves metrics on the clients' port.
    package var metricsPort: Int?
    /// Event loops, each with a thread of its own.
    package var loops = 1
    package var identity = RoutingIdentity(isRoutingOn: false, instance: nil, region: nil)
    /// The region as clients and metrics see it.
    package var regionLabel = ""
    package var transport = TransportSettings()
    package var ioUring = IOUringMode.auto
    package var messageLimits = MessageLimits(maxClientsPerRoom: 1_000, maxClientIDBytes: 256)
    package var maxConnections = 20_000
    package var maxRooms = 10_000
    /// WebSockets of one client address.
    package var maxConnectionsPerAddress = 1_000
    /// Sockets of one public address, in whatever state; for where the peer is the client, and no proxy.
    package var maxSocketsPerPeer = 0
    /// Rooms that one client address has created.
    package var maxRoomsPerAddress = 500
    /// Seconds that a WebSocket may stay without a room.
    package var joinTimeout = 600
    /// Seconds that a room outlives its host's absence; 0 keeps it as long as it has a member.
    package var hostGrace = 120
    /// Seconds that a room is kept without connections, for its own alone; 0 ends it with its last connection.
    package var emptyGrace = 30
    /// Seconds for which a room keeps the place of a member that is lost, unless its creator asks for another time.
    package var holdSeconds = 0
    /// Seconds over which a drain hands its rooms over.
    package var handoffSeconds = 5
    /// What other machines prove that they know when they hand rooms over; nil takes none.
    package var clusterSecret: ClusterSecret?
    /// Seconds that a drain may take before the remaining connections are closed.
    package var drainSeconds = 290
    /// Seconds of a drain in which an empty relay goes on answering.
    package var drainDelaySeconds = 0
    /// Unknown codes that one client address may ask for in a minute; a /48 of IPv6, and a proxy, ten times as many.
    package var missesPerMinute = 240
    /// The header in which a trusted proxy names the client's address.
    package var clientIPHeader: HeaderName?
    /// The origins whose pages may connect; nil for all.
    package var allowedOrigins: AllowedOrigins?

    /// The characters of which new codes are made.
    package var codes = CodeStyle.mixed
    /// Whether `/demo` is a page, or a path like any other.
    package var servesDemo = true

    package init() {}
}
