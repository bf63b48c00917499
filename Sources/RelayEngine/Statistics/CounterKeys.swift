package import RelayCore

/// The state of a connection as metrics show it: a WebSocket has a seat in a room or has none.
package enum ConnectionState: String, CaseIterable, Sendable {
    case http
    /// A request that waits for the siblings' answers.
    case parked
    /// A WebSocket in no room.
    case unseated
    /// A WebSocket in a room.
    case member
    case closing
}

/// The ways in which a client gets its slot.
package enum JoinKind: String, CounterKey {
    /// A new slot.
    case new
    /// Its own slot, after its connection had ended.
    case reclaimed
    /// Its own slot, from an earlier connection that was still open.
    case replaced
}

/// The reason for which a dormant room has ended.
package enum Expiry: String, CounterKey {
    /// None of its own came back in time.
    case dormant
    /// It had come from another machine, or from before a restart, and none of its own has come after it.
    case unvisited
    /// It made way for a new room, or for memory.
    case evicted
}

/// The destination of a replay, by how it was chosen.
package enum ReplayKind: String, CounterKey {
    /// The machine that the request names.
    case pin
    /// The region that the code names.
    case region
    /// The machine of our region that has the room.
    case sibling
    /// The machine to which the room was handed over.
    case newHome = "new_home"
    /// Any machine but this one.
    case elsewhere
}

extension Limit: CounterKey {}
extension RelayError.Kind: CounterKey {}
