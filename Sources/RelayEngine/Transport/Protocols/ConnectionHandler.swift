package import RelayWire

/// What a loop's connections are for: the transport reads, frames and writes, the handler decides.
///
/// All calls come on the loop's thread. A handler may send to and close any connection of its loop from within a call;
/// a close takes effect when the call has returned.
package protocol ConnectionHandler: AnyObject, SendableMetatype {
    /// What the handler keeps for a connection that has become a WebSocket. The transport never looks into it.
    associatedtype Session: AnyObject
    /// What a connection carries to its next loop, a request or the message that it goes for.
    associatedtype Payload: Sendable
    /// The answer to a lookup that a request waits for.
    associatedtype LookupAnswer: Sendable
    /// What a timer of the handler's is about.
    associatedtype Timer

    /// Decides on a request whose whole head has arrived; `bytes` begin with it, and are valid during the call.
    func answer(
        _ head: RequestHead, in bytes: Span<UInt8>, of connection: Connection<Self>, on loop: SocketLoop<Self>
    ) -> RequestOutcome<Self>

    /// Decides on a request that came from another loop, as its handler there made it.
    func answer(_ request: Payload, of connection: Connection<Self>, on loop: SocketLoop<Self>) -> RequestOutcome<Self>

    /// Takes note that a connection has become a WebSocket, with the session that its request was answered with.
    func opened(_ connection: Connection<Self>, on loop: SocketLoop<Self>)

    /// Handles a whole message; its bytes are valid during the call.
    func receive(
        _ message: Span<UInt8>, _ kind: MessageKind, from connection: Connection<Self>, on loop: SocketLoop<Self>
    ) -> MessageOutcome<Payload>

    /// Handles the message for which a WebSocket came from another loop.
    func adopt(_ connection: Connection<Self>, with message: Payload, on loop: SocketLoop<Self>)

    /// Takes note that a WebSocket is no more; called once for each that was opened, before its close frame goes out.
    func closed(_ connection: Connection<Self>, on loop: SocketLoop<Self>)

    /// Acts on the deadline that was set for a WebSocket, and has passed.
    func deadlinePassed(_ connection: Connection<Self>, on loop: SocketLoop<Self>)

    /// Acts on a timer that the handler set, and that is due.
    func timerFired(_ timer: Timer, on loop: SocketLoop<Self>)

    /// Closes a connection because the loop ends and it is its turn, and with it those that should go together.
    ///
    /// - Returns: how many that were.
    func closeForShutdown(_ connection: Connection<Self>, on loop: SocketLoop<Self>) -> Int
}

extension ConnectionHandler {
    package func closeForShutdown(_ connection: Connection<Self>, on loop: SocketLoop<Self>) -> Int {
        loop.closeForShutdown(connection)
        return 1
    }
}

/// What is to be done with a request.
package enum RequestOutcome<Handler: ConnectionHandler> {
    case respond(HTTPResponse)
    /// Switch protocols; the session is the connection's from here on.
    case upgrade(OpeningHandshake.Acceptance, Handler.Session)
    /// Another loop is to answer: it gets the connection, and this in place of the request.
    case move(toLoop: Int, payload: Handler.Payload)
    /// The answer needs a lookup: the request is parked until then.
    case park(Parking<Handler>)
}

/// What is to be done with a connection after a message.
package enum MessageOutcome<Payload> {
    case stay
    /// The message is for another loop, which gets the connection and this in its place.
    case move(toLoop: Int, payload: Payload)
}
