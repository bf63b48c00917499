internal import Glibc
package import RelayCore
internal import RelayWire

/// What a handler keeps for a connection that has become a WebSocket.
///
/// The transport holds it without knowing what it is.
package protocol ConnectionSession: AnyObject {}

/// One client socket through its phases: HTTP, WebSocket, closing.
///
/// It belongs to the loop in whose table it is, and only that loop's thread touches it; it changes loops through
/// a mailbox. An idle one holds no buffer.
package final class Connection {
    enum Phase {
        /// Requests are read and answered.
        case http
        /// Frames are read; the session belongs to the handler.
        case webSocket
        /// What is queued is still sent; what arrives is thrown away.
        case closing
        /// The descriptor is closed; the object goes at the end of the turn.
        case closed
    }

    package let key: ConnectionKey
    /// The peer as the socket names it; behind a proxy that is the proxy.
    package let peer: ClientAddress
    package let entrance: Entrance
    package internal(set) var session: (any ConnectionSession)?

    var phase = Phase.http
    var output = OutputBuffer()
    var input = InputBuffer()
    /// Of the request that is being read; nil once this is a WebSocket.
    var exchange: HTTPExchange?
    var parser: MessageParser?
    var bucket = TokenBucket()

    /// When the last byte arrived, by the loop's clock.
    var heardAt: UInt64
    /// When the unanswered ping was sent; 0 if none is.
    var pingedAt: UInt64 = 0
    /// The timer entry that counts, `.max` if none is set; others are void.
    var checkAt: UInt64 = .max
    /// The end of the request, of the wait for a room, or of the close, whichever the phase has.
    var deadline: UInt64 = .max
    /// Bytes it held when they were last counted.
    var countedBytes = 0
    /// Bytes of output that its peer's kernel had refused when they were last counted.
    var countedQueue = 0
    /// As what it is counted by the loop in whose table it is.
    var countedPhase: CountedPhase?

    var interest: Interest = .readable
    var reading = ReadState.open
    /// Noted for the flush at the end of the turn.
    var isDirty = false
    /// The last read brought more than is read ahead.
    var sendsMuch = false
    /// The peer has sent its last byte, so there is no end to wait for.
    var isInputDone = false

    var descriptor: Int32 { key.descriptor }

    /// Memory that holds what has arrived and is not whole yet.
    var inputCapacity: Int { input.capacity + (parser?.assembled.capacity ?? 0) }

    #if DEBUG
        /// The loop that it belongs to; nil on its way to another.
        private(set) weak var owner: SocketLoop?
    #endif

    init(key: ConnectionKey, peer: ClientAddress, entrance: Entrance = .clients, now: UInt64) {
        self.key = key
        self.peer = peer
        self.entrance = entrance
        self.heardAt = now
        self.exchange = HTTPExchange()
    }

    /// Notes in debug builds that it belongs to this loop from here on, or that it is on its way to another.
    func setOwner(_ loop: SocketLoop?) {
        #if DEBUG
            owner = loop
        #endif
    }

    /// Stops a debug build in which a loop touches a connection that it has given away.
    @inline(__always)
    func assertOwned(by loop: SocketLoop) {
        #if DEBUG
            precondition(owner === loop, "a connection is touched by the loop in whose table it is, and by no other")
        #endif
    }
}
