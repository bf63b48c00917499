internal import RelayCore

/// A command to the loop that owns a room, most of them for the room's journey.
enum RoomCommand: Sendable {
    /// Tell the codes of all rooms.
    case list(Reply<[RoomCode]>)
    /// Tell whether a member is connected from another computer.
    case hasMembersElsewhere(Reply<Bool>)
    /// Deliver what the room's members have sent, read no more of them, and tell the room's record; nil if it has ended.
    case depart(RoomCode, Reply<RoomRecord>)
    /// Another machine has the room as it departed: send its members there, unless it has changed since.
    case confirm(RoomCode, newHome: InstanceID, mayChange: Bool, Reply<Departure>)
    /// No machine has taken the room: it goes on here.
    case stay(RoomCode)
    /// Memory is short on another loop: end dormant rooms here, until there is so much.
    case makeWay(forBytes: Int)
}

/// What has become of a room that another machine has taken.
enum Departure: Sendable {
    /// Its members are on their way.
    case gone
    /// It is not as it departed any more: the other machine has to get this record.
    case changed(RoomRecord)
    /// It has ended meanwhile: the other machine has to forget it.
    case ended
}

/// The result of an order to take a room.
package enum Arrival: String, CounterKey {
    case taken
    /// This machine drains itself, or keeps no dormant rooms.
    case draining
    /// Players are in a room of this code.
    case inUse = "in_use"
    /// The machine that gave the order has taken it back since: it comes late.
    case recalled
    /// There are as many rooms as there may be, or no memory for it is left.
    case full
    /// The record has another version, or is none.
    case unreadable
    /// Not signed with the cluster's secret, or a copy of an order.
    case unauthentic
}
