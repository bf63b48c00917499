/// What happens in a room, in the order in which it happens.
public enum RoomEvent: Hashable, Sendable {
    /// The member at this index has sent something; no data if it gave none.
    case message(from: Int, data: RawJSON?)
    /// The host has set the room's state. It also comes after each return, if there is one.
    case state(RawJSON)
    /// A member that was not here before has connected.
    case peer(Int)
    /// A member is connected again. An old relay cannot tell: there, a member that is new to this client is a `peer`.
    case back(Int)
    /// A member's connection has ended, and it may come back; `isHeld`: its place is kept for it. An old relay tells
    /// neither.
    case away(Int, reason: String?, isHeld: Bool)
    /// A member has left or was kicked; the reason is `left` or `kicked`.
    case gone(Int, reason: String)
    /// A member goes on with another connection, or another phone got its seat by a ticket: it may need to be told anew.
    case replaced(Int)
    /// The own connection has ended, and the client tries to come back.
    case disconnected(PartyError)
    /// The own connection is back, after this time and so many attempts. `Room.peers` is up to date.
    case reconnected(after: Duration, attempts: Int)
    /// The relay has given the room to another machine; the client follows at once.
    case moved
    /// A new measurement: the smoothed round trip to the relay.
    case rtt(Duration)
    /// The relay has refused something; the connection goes on.
    case error(PartyError)
    /// Something came that is no message of the protocol; the connection goes on.
    case unreadable([UInt8])
    /// So many events were dropped here, since nobody read them in time.
    case missed(Int)
    /// It is over for this client: the last event of a room.
    case closed(PartyError)
}
