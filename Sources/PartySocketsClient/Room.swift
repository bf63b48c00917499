internal import NIOConcurrencyHelpers
internal import NIOCore

/// A room on a relay, and this client's seat in it.
///
/// ```swift
/// let room = try await Room.create("wss://relay.example", maxClients: 8)
/// print("Join with \(room.code)")
/// for await event in room.events {
///     if case .message(let player, let data?) = event { try room.send("Hello, \(data)", to: .one(player)) }
/// }
/// ```
///
/// The room outlives its connections: when one ends for a reason that is not final, the client comes back to the same
/// seat by itself, and the game only hears of it. It ends with `RoomEvent.closed`.
///
/// It ends, too, when the task is cancelled that reads `events`, or when nobody holds the `Room` or its `events` any more.
/// The seat is kept then as after a lost connection; `leave()` gives it up.
public final class Room: Sendable {
    /// What happens in the room, for one reader at a time.
    public let events: RoomEvents

    /// The secret by which the relay knows this client. A program that has kept it comes back to its seat after a start.
    public let clientID: ClientID

    private let loop: any EventLoop
    private let connection: NIOLoopBound<RoomConnection>
    private let view: NIOLockedValueBox<RoomView>

    init(
        _ connection: NIOLoopBound<RoomConnection>, on loop: any EventLoop, as clientID: ClientID,
        view: NIOLockedValueBox<RoomView>, events: RoomEvents
    ) {
        self.connection = connection
        self.loop = loop
        self.clientID = clientID
        self.view = view
        self.events = events
    }

    /// Does something on the connection's event loop, after everything that was asked for before.
    func perform(_ body: @escaping @Sendable (RoomConnection) -> Void) {
        loop.execute { [connection] in body(connection.value) }
    }

    var current: RoomView { view.withLockedValue { $0 } }

    func makePromise<Value>(of type: Value.Type = Value.self) -> EventLoopPromise<Value> {
        loop.makePromise(of: type)
    }

    /// How things stand with the connection.
    public enum Connection: Hashable, Sendable {
        /// In the room.
        case open
        /// Away, and on the way back, or suspended.
        case reconnecting
        /// Over.
        case closed
    }
}

// What this client knows of the room, at any time and on any thread.
extension Room {
    /// The code that players type.
    public var code: String { current.code }

    /// This client's seat.
    public var index: Int { current.index }

    /// Whether this client is the host, who has created the room.
    public var isHost: Bool { index == 0 }

    /// The seats of the other connected members, ascending.
    public var peers: [Int] { current.peers }

    /// The seats of those who are not connected and may come back, ascending.
    public var away: [Int] { current.away }

    /// The room's latest state: as received, or as the host has set it.
    public var state: RawJSON? { current.state }

    /// The address that phones open: the controller URL, filled in by the relay.
    public var joinURL: String? { current.url }

    /// The smoothed round trip to the relay; nil before the first measurement.
    public var rtt: Duration? { current.rtt }

    /// The relay's region, empty if it has none; nil if an old relay did not tell.
    public var region: String? { current.region }

    /// The machine that serves the room, empty if it has no name; nil if an old relay did not tell.
    public var instance: String? { current.instance }

    /// How many may be connected at once; nil if an old relay did not tell.
    public var maxClients: Int? { current.maxClients }

    /// How long the place of a member is kept whose connection was lost; nil if an old relay did not tell.
    public var hold: Duration? { current.hold }

    /// Whether the relay is a new one, which knows `kick`, `lock`, `ticket` and the reasons why members go.
    public var hasAdditions: Bool { current.hasAdditions }

    /// How things stand with the connection.
    public var status: Connection { current.connection }
}
