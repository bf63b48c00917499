/// The limits of the transport. Zero switches a limit off.
package struct TransportSettings: Sendable {
    /// The size of the largest message, all its fragments together.
    package var maxMessageBytes = 2 << 20
    /// The most bytes queued for one slow reader.
    package var maxQueuedBytes = 4 << 20
    /// The most bytes that the process buffers for all connections, both directions.
    package var maxBufferedBytes = 96 << 20
    /// The most sockets that clients may have open, so that descriptors are left for the process and the admin port.
    package var maxSockets = 0
    /// The most frames or requests of one connection in a second; the burst is twice that.
    package var messagesPerSecond = 1_000
    /// Seconds of silence after which a WebSocket is dropped; it is pinged after half of that.
    package var idleTimeout = 10
    /// Seconds that a request may take to arrive.
    package var handshakeTimeout = 10
    /// The most seconds that a request stays parked: a little more than a lookup's own time limit.
    package var lookupTimeout = 4
    /// The fewest connections for which one call for all of them costs less than a call for each.
    package var fewestCallsPerBatch = 6

    package init() {}
}

extension TransportSettings {
    /// Complete frames handled for one connection in one turn, so that the others get their share.
    static let framesPerTurn = 256
    /// Requests likewise; an answer can be large.
    static let requestsPerTurn = 16
    /// Room for nearly every response head, so that it needs one allocation.
    static let usualHeadBytes = 256
    /// The length from which an answer counts as long: it takes time to build.
    static let longAnswerBytes = 4 << 10
    /// Bytes of long answers in one turn, all connections together; after that, connections that have had one wait for
    /// the next turn.
    static let answerBytesPerTurn = 256 << 10
    /// Messages that one connection may cause to be sent in one turn: one frame to a large room causes many.
    static let sendsPerTurn = 2_000
    /// Connections accepted in one turn by one loop, so that the other loops get some.
    static let acceptsPerTurn = 16
    /// The size of a loop's read buffer, and so the most that is read from one connection in one turn.
    static let readBytes = 64 << 10
    /// The largest rest of a frame that is copied before the next read; behind a larger one, reads append in place.
    static let copiedRestBytes = 8 << 10
    /// The size from which a frame is offered to the kernel at once instead of being copied first.
    static let directBytes = 32 << 10
    /// The number of connections with output that triggers a flush before another one is read: the output is still in
    /// the core's cache then, and its memory serves the next ones.
    static let dirtyPerFlush = 128
    /// The output of one loop that triggers a flush before the end of the turn: large messages to large rooms would
    /// take memory that is not counted yet.
    static let unflushedBytesPerTurn = 4 << 20
    /// Seconds that a kept-alive connection may rest between requests: longer than proxies keep one open.
    static let keepAliveSeconds: UInt64 = 75
    /// The number of closed connections that makes it worth giving free memory back to the system.
    static let connectionsPerTrim = 1_000
    /// The most sockets open at the admin port: a few scrapers and health checks.
    static let adminSockets = 16
    /// The pause of a listener when descriptors run out, in nanoseconds.
    static let acceptingRest: UInt64 = 100_000_000
    /// Resting connections that are closed at a time when descriptors run out.
    static let restingShed = 64
    /// The interval at which a loop that shuts down closes the connections that are due, in nanoseconds.
    static let shutdownStep: UInt64 = 20_000_000
    /// Seconds that a close may take.
    static let closeSeconds = 3
    /// The same for a connection with much output queued, which the peer must read before the close frame.
    static let slowCloseSeconds = 15
    /// The shortest pause of a connection above its message rate, in nanoseconds.
    static let shortestPause: UInt64 = 20_000_000
}
