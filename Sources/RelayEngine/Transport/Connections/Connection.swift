internal import Glibc
package import RelayLimits
internal import RelayWire

/// One client socket through its phases: HTTP, WebSocket, closing.
///
/// It belongs to the loop in whose table it is, and only that loop's thread touches it; it changes loops through
/// a mailbox. An idle one holds no buffer.
package final class Connection<Handler: ConnectionHandler> {
    package let key: ConnectionKey
    /// The peer as the socket names it; behind a proxy that is the proxy.
    package let peer: ClientAddress
    package let listener: ListenerRole

    package private(set) var session: Handler.Session?
    private(set) var phase = ConnectionPhase.http
    /// The request that is being read; nil once this is a WebSocket.
    private(set) var exchange: HTTPExchange<Handler>?
    // In place, since it is changed for every message.
    var parser: MessageParser?

    // What follows is not private because the loop's parts, each in a file of its own, work on it in place: what may be
    // done to it is up to its type. Output is changed by the one alone who has the loop's pool of blocks, the `Writer`.
    var input = InputBuffer()
    var output = OutputBuffer()
    var bucket = TokenBucket()
    var times: ConnectionTimes
    var gauges = ConnectionGauges()
    var interest = Interest.readable
    var reading = ReadState.open
    var flags = ConnectionFlags()

    var descriptor: Int32 { key.descriptor }

    #if DEBUG
        /// The loop that it belongs to; nil on its way to another.
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

    /// Switches protocols.
    func becomeWebSocket(_ parser: MessageParser, session: Handler.Session?) {
        phase = .webSocket
        exchange = nil
        self.parser = parser
        self.session = session
    }

    /// The handler has been told that this WebSocket is no more.
    func endSession() {
        session = nil
    }

    /// Lets go of all that reading took. What still arrives is thrown away.
    func beginClosing() {
        phase = .closing
        reading = .open
        parser = nil
        exchange = nil
        input.release()
    }

    /// Marks the end; the descriptor is the caller's to close.
    func becomeClosed() {
        precondition(phase != .webSocket || session == nil, "its handler has been told")
        phase = .closed
        input.release()
    }

    // MARK: Measures

    /// Memory that holds what has arrived and is not whole yet.
    var inputCapacity: Int { input.capacity + (parser?.assembled.capacity ?? 0) }

    /// Memory that it holds in buffers, both directions.
    var heldBytes: Int { output.capacity + inputCapacity }

    /// Bytes that the peer's kernel has refused for now.
    var refusedBytes: Int { interest.contains(.writable) ? output.count : 0 }

    /// What it is to the operator; nil when it is gone.
    var countedPhase: CountedPhase? {
        switch phase {
        case .http: reading == .parked ? .parked : .http
        case .webSocket: .webSocket
        case .closing: .closing
        case .closed: nil
        }
    }

    // MARK: Ownership

    /// Notes in debug builds that it belongs to this loop from here on, or that it is on its way to another.
    func setOwner(_ loop: SocketLoop<Handler>?) {
        #if DEBUG
            owner = loop
        #endif
    }

    /// Stops a debug build in which a loop touches a connection that it has given away.
    @inline(__always)
    func assertOwned(by loop: SocketLoop<Handler>) {
        #if DEBUG
            precondition(owner === loop, "a connection is touched by the loop in whose table it is, and by no other")
        #endif
    }
}
