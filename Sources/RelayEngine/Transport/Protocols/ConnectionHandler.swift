package import RelayWire

/// The application behind a loop: the transport reads, parses and writes; the handler decides.
///
/// All calls are made on the loop's thread. During a call, a handler may send to and close any connection of its loop;
/// a close takes effect when the call has returned.
package protocol ConnectionHandler: AnyObject, SendableMetatype {
    /// The handler's state of a WebSocket. The transport never looks into it.
    associatedtype Session: AnyObject
    /// The request or message that a connection carries to its next loop.
    associatedtype Payload: Sendable
    /// The answer to the lookup that a parked request waits for.
    associatedtype LookupAnswer: Sendable
    /// The purpose of one of the handler's timers.
    associatedtype Timer
    /// The order that a loop gets from another thread.
    associatedtype Command: Sendable = Never

    /// The name under which a limit of the transport is logged.
    static func name(of limit: TransportLimit) -> String

    /// Called before anything else happens on the loop.
    func started(on loop: SocketLoop<Self>)

    /// The longest body of this request that `answer` is to be given; 0 if none is wanted.
    ///
    /// Called for a request with a body. One that is wanted is gathered before `answer` is called, and refused with 413 if
    /// it is longer, or with 411 if its length is not announced. Of one that is not wanted `answer` gets the head alone,
    /// and the connection closes after the answer.
    func bodyLimit(
        of head: RequestHead, in bytes: Span<UInt8>, of connection: Connection<Self>, on loop: SocketLoop<Self>
    ) -> Int

    /// Decides on a request whose whole head has arrived, and its body if that is wanted: then `head.body` is not empty.
    /// `bytes` begin with the head, and are valid during the call.
    func answer(
        _ head: RequestHead, in bytes: Span<UInt8>, of connection: Connection<Self>, on loop: SocketLoop<Self>
    ) -> RequestOutcome<Self>

    /// Decides on a request that came from another loop, as the payload that its handler there made.
    func answer(_ request: Payload, of connection: Connection<Self>, on loop: SocketLoop<Self>) -> RequestOutcome<Self>

    /// Called when a connection has become a WebSocket, with the session from the answer to its request.
    func opened(_ connection: Connection<Self>, on loop: SocketLoop<Self>)

    /// Handles a complete message; its bytes are valid during the call.
    func receive(
        _ message: Span<UInt8>, _ kind: MessageKind, from connection: Connection<Self>, on loop: SocketLoop<Self>
    ) -> MessageOutcome<Payload>

    /// Handles the message for which a WebSocket moved here from another loop.
    func adopt(_ connection: Connection<Self>, with message: Payload, on loop: SocketLoop<Self>)

    /// Called when a WebSocket has ended, once for each that was opened, before its close frame is sent.
    func closed(_ connection: Connection<Self>, _ departure: PeerDeparture, on loop: SocketLoop<Self>)

    /// True for a WebSocket that takes part in something. While memory is short, others go first.
    func isMember(_ connection: Connection<Self>) -> Bool

    /// Called when the deadline of a WebSocket has passed.
    func deadlinePassed(_ connection: Connection<Self>, on loop: SocketLoop<Self>)

    /// Called when one of the handler's timers is due.
    func timerFired(_ timer: Timer, on loop: SocketLoop<Self>)

    /// Carries out a command that was posted to the loop.
    func perform(_ command: Command, on loop: SocketLoop<Self>)

    /// Called in place of `perform`, on the same thread, for a command that the loop has not come to before its end:
    /// somebody may wait for it.
    func dropped(_ command: Command)

    /// Closes a connection that is due in a shutdown, and the others that should close with it.
    ///
    /// - Returns: the number of connections closed.
    func closeForShutdown(_ connection: Connection<Self>, on loop: SocketLoop<Self>) -> Int
}

extension ConnectionHandler {
    package static func name(of limit: TransportLimit) -> String { limit.rawValue }

    package func started(on loop: SocketLoop<Self>) {}

    package func bodyLimit(
        of head: RequestHead, in bytes: Span<UInt8>, of connection: Connection<Self>, on loop: SocketLoop<Self>
    ) -> Int { 0 }

    package func closeForShutdown(_ connection: Connection<Self>, on loop: SocketLoop<Self>) -> Int {
        loop.closeForShutdown(connection)
        return 1
    }
}

/// What the peer has said at the end of its WebSocket.
package enum PeerDeparture {
    /// A close frame, with this code if it has one.
    case closeFrame(CloseCode?)
    /// Nothing: the connection is lost, or it was closed here.
    case none
}

extension ConnectionHandler where Command == Never {
    package func perform(_ command: Never, on loop: SocketLoop<Self>) {}
    package func dropped(_ command: Never) {}
}

/// The handler's decision on a request.
package enum RequestOutcome<Handler: ConnectionHandler> {
    case respond(HTTPResponse)
    /// Switch protocols; the connection keeps the session from here on.
    case upgrade(OpeningHandshake.Acceptance, Handler.Session)
    /// Another loop answers: it gets the connection, and the payload in place of the request.
    case move(toLoop: Int, payload: Handler.Payload)
    /// The answer needs a lookup: the request is parked until it ends.
    case park(Parking<Handler>)
}

/// The handler's decision on a connection after a message.
package enum MessageOutcome<Payload> {
    case stay
    /// Another loop handles the message: it gets the connection, and the payload in place of the message. Indirect, so that
    /// the outcome of all other messages is one word.
    indirect case move(toLoop: Int, payload: Payload)
}
