/// The limits of the transport. Zero switches a limit off.
package struct TransportSettings: Sendable {
    /// The largest message, its fragments counted together.
    package var maxMessageBytes = 2 << 20
    /// The most that waits for one slow reader.
    package var maxQueuedBytes = 4 << 20
    /// The most that the process holds for all connections, both directions.
    package var maxBufferedBytes = 96 << 20
    /// Sockets that clients may have open in all, so that the process keeps some files for itself and its operators.
    package var maxSockets = 0
    /// Frames or requests of one connection; the burst is twice that.
    package var messagesPerSecond = 1_000
    /// Seconds of silence after which a WebSocket is dropped; it is pinged at half of that.
    package var idleTimeout = 10
    /// Seconds that a request may take to arrive.
    package var handshakeTimeout = 10
    /// Seconds that a request stays parked at most: a little longer than a lookup takes by its own rules.
    package var lookupTimeout = 4
    /// With fewer connections to send to, or to read from, a call for each costs no more than one for all of them.
    package var fewestCallsPerBatch = 6

    package init() {}
}

extension TransportSettings {
    /// Complete frames that one connection may have handled in one turn, so that the others get theirs.
    static let framesPerTurn = 256
    /// Requests likewise; an answer can be large.
    static let requestsPerTurn = 16
    /// Nearly every answer's head fits, so that it is put together in one piece of memory.
    static let usualHeadBytes = 256
    /// An answer of this length takes long to make.
    static let longAnswerBytes = 4 << 10
    /// After so many bytes of long answers in one turn, all connections together, those that had one wait for the next.
    static let answerBytesPerTurn = 256 << 10
    /// Messages that one connection may cause to be sent in one turn: a frame to a large room is many.
    static let sendsPerTurn = 2_000
    /// Connections accepted in one turn by one loop, so that the other loops get some.
    static let acceptsPerTurn = 16
    /// The read buffer of a loop, and so the most that is read from one connection in one turn.
    static let readBytes = 64 << 10
    /// Up to here the rest of a frame is copied before the next read; beyond, reads go behind it in place.
    static let copiedRestBytes = 8 << 10
    /// From here on a frame is offered to the kernel at once instead of being copied first.
    static let directBytes = 32 << 10
    /// When so many connections have output, they are sent it before another one is read: it is still in the core's cache
    /// then, and the memory that it took serves the next ones.
    static let dirtyPerFlush = 128
    /// With more output than this one loop does not wait for the end of its turn: large messages to large rooms
    /// would take memory that nobody has counted.
    static let unflushedBytesPerTurn = 4 << 20
    /// Seconds that a kept-alive connection may rest between requests: longer than proxies keep theirs.
    static let keepAliveSeconds: UInt64 = 75
    /// So many must go before it is worth giving their memory back.
    static let connectionsPerTrim = 1_000
    /// Sockets that the admin port may have open: a few scrapers and health checks.
    static let adminSockets = 16
    /// How long a listener is left alone when descriptors run out, in nanoseconds.
    static let acceptingRest: UInt64 = 100_000_000
    /// Resting connections that are let go at once when descriptors run out.
    static let restingShed = 64
    /// How often a loop that ends closes the connections that are due, in nanoseconds.
    static let shutdownStep: UInt64 = 20_000_000
    /// Seconds that a close may take.
    static let closeSeconds = 3
    /// The same for a reader that is in the middle of a large frame, which it must have had before it reads the close.
    static let slowCloseSeconds = 15
    /// The shortest rest of a connection above its message rate, in nanoseconds.
    static let shortestPause: UInt64 = 20_000_000
}
