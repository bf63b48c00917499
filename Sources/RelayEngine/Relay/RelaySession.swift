internal import RelayCore

/// What the relay keeps for a WebSocket: where it sits, and where it came from.
final class RelaySession: ConnectionSession {
    /// Nil before it has joined, and after it was taken out.
    var room: LiveRoom?
    var slot = Slot.host
    let origin: OriginID
    let originLabel: String
    /// The client's own address, also behind a proxy.
    let address: ClientAddress

    init(origin: OriginID, originLabel: String, address: ClientAddress) {
        self.origin = origin
        self.originLabel = originLabel
        self.address = address
    }
}

extension Connection {
    /// The session with which the relay opened this WebSocket.
    var relaySession: RelaySession {
        guard let session else { preconditionFailure("only a WebSocket is asked for its session") }
        // Every connection of a relay's loop is opened with a relay session; a checked cast costs more than a send.
        return unsafe unsafeDowncast(session as AnyObject, to: RelaySession.self)
    }
}

/// A join on its way to the loop that owns the room.
final class JoinCargo: ConnectionCargo {
    let request: JoinRequest

    init(_ request: JoinRequest) {
        self.request = request
    }
}
