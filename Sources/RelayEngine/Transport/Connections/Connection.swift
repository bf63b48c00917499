internal import Glibc
package import RelayLimits
internal import RelayWire

/// One client socket through its phases: HTTP, WebSocket, closing.
///
/// The loop whose table holds it owns it, and only that loop's thread touches it; it changes loops through a mailbox.
/// An idle one holds no buffer.
package final class Connection<Handler: ConnectionHandler> {
    package let key: ConnectionKey
    /// The peer's address; behind a proxy, the proxy's.
    package let peer: ClientAddress

    package private(set) var session: Handler.Session?
    /// The request that is being read; nil once this is a WebSocket.
    private(set) var exchange: HTTPExchange<Handler>?
    // The following fields are not private because the loop's parts, each in its own file, change them in place; each
    // type guards its own invariants. Only the `Writer` can change the output, since it alone has the pool of blocks.
    //
    // There are many connections, so small fields stand where no padding comes between: each group below ends a word.
    var input = InputBuffer()
    var output = OutputBuffer()
    var bucket = TokenBucket()
    var gauges = ConnectionGauges()

    // Stored inline, since it changes with every message.
    var parser: MessageParser?
    package let listener: ListenerRole
    private(set) var phase = ConnectionPhase.http
    var flags = ConnectionFlags()

    var times: ConnectionTimes
    var reading = ReadState.open
    var phaseGauge = PhaseGauge()
    var interest = Interest.readable

    var descriptor: Int32 { key.descriptor }

    #if DEBUG
        /// The loop that owns it; nil on its way to another.
        private(set) weak var owner: SocketLoop<Handler>?
    #endif

    init(key: ConnectionKey, peer: ClientAddress, listener: ListenerRole = .clients, now: UInt64) {
        self.key = key
        self.peer = peer
        self.listener = listener
        times = ConnectionTimes(now: now)
        exchange = HTTPExchange()
    }

    // MARK: Phases

    /// Switches from HTTP to WebSocket.
    func becomeWebSocket(_ parser: MessageParser, session: Handler.Session?) {
        phase = .webSocket
        exchange = nil
        self.parser = parser
        self.session = session
    }

    /// Drops the session, once the handler knows that this WebSocket has ended.
    func endSession() {
        session = nil
    }

    /// Frees everything that reading needs. Bytes that still arrive are discarded.
    func beginClosing() {
        phase = .closing
        reading = .open
        parser = nil
        exchange = nil
        input.release()
    }

    /// Enters the last phase; the caller closes the descriptor.
    func becomeClosed() {
        precondition(phase != .webSocket || session == nil, "a WebSocket's session ends before it closes")
        phase = .closed
        input.release()
    }

    // MARK: Measures

    /// Memory held for requests and messages that have not arrived whole.
    var inputCapacity: Int { input.capacity + (parser?.assembled.capacity ?? 0) }

    /// Memory held in buffers, both directions, and for a request that waits for its answer.
    var heldBytes: Int { output.heldBytes + inputCapacity + (exchange?.pending?.heldBytes ?? 0) }

    /// True for a plain connection that nothing is lost with: it owes no request, and is owed no answer.
    var owesNothing: Bool { phase == .http && reading == .open && input.isEmpty && output.isEmpty }

    /// True for a client's connection that is no WebSocket, once it has begun its first request: before, it may be a
    /// health check or a player who comes.
    var isStranger: Bool {
        guard phase == .http, listener == .clients, let exchange else { return false }
        return exchange.hasAnswered || exchange.isUnderWay
    }

    /// Bytes that the kernel does not accept for now.
    var refusedBytes: Int { interest.contains(.writable) ? output.count : 0 }

    /// The phase under which it is counted; nil when it is closed.
    var countedPhase: CountedPhase? {
        switch phase {
        case .http: reading == .parked ? .parked : .http
        case .webSocket: .webSocket
        case .closing: .closing
        case .closed: nil
        }
    }

    // MARK: Ownership

    /// Records the owner in debug builds; nil for a connection on its way to another loop.
    func setOwner(_ loop: SocketLoop<Handler>?) {
        #if DEBUG
            owner = loop
        #endif
    }

    /// Traps in debug builds if a loop touches a connection that it has given away.
    @inline(__always)
    func assertOwned(by loop: SocketLoop<Handler>) {
        #if DEBUG
            precondition(owner === loop, "only the loop that owns a connection touches it")
        #endif
    }
}
