package import RelayCore
internal import RelayWire

/// What a connection is to its loop, as far as the transport knows.
package enum CountedPhase: String, CounterKey {
    /// Requests.
    case http
    /// A request that waits for something outside its loop.
    case parked
    case webSocket = "websocket"
    case closing
}

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

/// The code of a close frame, as far as each is counted by itself: a client may choose among thousands, and is echoed.
package enum CloseReason: String, CounterKey {
    case normal = "1000"
    case goingAway = "1001"
    case protocolError = "1002"
    case invalidPayload = "1007"
    case messageTooBig = "1009"
    case serviceRestart = "1012"
    case replaced = "4000"
    case roomClosed = "4001"
    case noRoom = "4002"
    case tooSlow = "4008"
    /// A client's empty close, echoed.
    case none
    case other

    init(_ code: CloseCode?) {
        guard let code else {
            self = .none
            return
        }
        self = CloseReason(rawValue: String(code.rawValue)) ?? .other
    }
}

extension Limit: CounterKey {}
extension RelayError.Kind: CounterKey {}
