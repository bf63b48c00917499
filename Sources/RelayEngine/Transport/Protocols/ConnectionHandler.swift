package import RelayWire

/// What a loop's connections are for: the transport reads, frames and writes, the handler decides.
///
/// All calls come on the loop's thread. A handler may send to and close any connection of its loop from within a call;
/// a close takes effect when the call has returned.
package protocol ConnectionHandler: AnyObject {
    /// A whole request head has arrived; `bytes` begin with it.
    func answer(
        _ head: RequestHead, in bytes: Span<UInt8>, of connection: Connection, on loop: SocketLoop
    ) -> RequestOutcome

    /// A connection has become a WebSocket with the session that its request was answered with.
    func opened(_ connection: Connection, on loop: SocketLoop)

    /// Answers a request that came from another loop; `cargo` is what its handler made of it there.
    func answer(_ cargo: any ConnectionCargo, of connection: Connection, on loop: SocketLoop) -> RequestOutcome

    /// A whole message has arrived; its bytes are valid during the call.
    func receive(
        _ message: Span<UInt8>, _ kind: MessageKind, from connection: Connection, on loop: SocketLoop
    ) -> MessageOutcome

    /// A WebSocket came from another loop; `cargo` is what its handler there gave it along.
    func adopt(_ connection: Connection, cargo: any ConnectionCargo, on loop: SocketLoop)

    /// A WebSocket is no more; called once for each that was opened, before its close frame goes out.
    func closed(_ connection: Connection, on loop: SocketLoop)

    /// The deadline that was set for a WebSocket has passed.
    func deadlinePassed(_ connection: Connection, on loop: SocketLoop)

    /// A timer that the handler set is due.
    func timerFired(_ timer: HandlerTimer, on loop: SocketLoop)

    /// The loop ends, and it is this connection's turn: it is to be closed, and with it those that should go together.
    ///
    /// - Returns: how many that were.
    func closeForShutdown(_ connection: Connection, on loop: SocketLoop) -> Int
}

extension ConnectionHandler {
    package func closeForShutdown(_ connection: Connection, on loop: SocketLoop) -> Int {
        loop.closeForShutdown(connection)
        return 1
    }
}

/// What is to be done with a request.
package enum RequestOutcome {
    case respond(HTTPResponse)
    /// Switch protocols; the session is the connection's from here on.
    case upgrade(OpeningHandshake.Acceptance, any ConnectionSession)
    /// Another loop is to answer: it gets the connection, and this cargo in place of the request.
    case move(toLoop: Int, cargo: any ConnectionCargo)
    /// The answer needs a lookup: the request is parked until then.
    case park(Parking)
}

/// What is to be done with a connection after a message.
package enum MessageOutcome {
    case stay
    /// The message is for another loop, which gets the connection and this cargo.
    case move(toLoop: Int, cargo: any ConnectionCargo)
}

/// What a connection carries to its next loop. Immutable, so that it may cross.
package protocol ConnectionCargo: AnyObject, Sendable {}

/// A timer of the handler, about something whose number only it understands.
package struct HandlerTimer: Sendable {
    package let subject: UInt64

    package init(subject: UInt64) {
        self.subject = subject
    }
}
