package import RelayCore

/// What a connection is to the operator: a WebSocket sits in a room or does not.
package enum ConnectionState: String, CaseIterable, Sendable {
    case http
    /// A request that waits for what the siblings say.
    case parked
    /// A WebSocket in no room.
    case unseated
    /// A WebSocket in a room.
    case member
    case closing
}

/// How a client came to its slot.
package enum JoinKind: String, CounterKey {
    /// A slot that nobody has had before.
    case new
    /// Its own slot, after its connection had ended.
    case reclaimed
    /// Its own slot, from a connection of its own that was still open.
    case replaced
}

/// Where a replay sends a request, by what is known of the place.
package enum ReplayKind: String, CounterKey {
    /// The machine that the request names.
    case pin
    /// The region that the code names.
    case region
    /// The machine of our region that has the room.
    case sibling
    /// Any machine but this one.
    case elsewhere
}

extension Limit: CounterKey {}
extension RelayError.Kind: CounterKey {}
