/// The limits of the transport. Zero switches a limit off.
package struct TransportSettings: Sendable {
    /// The size of the largest message, all its fragments together.
    package var maxMessageBytes = 2 << 20
    /// The most bytes queued for one slow reader.
    package var maxQueuedBytes = 4 << 20
    /// The most bytes that the process holds: in buffers, both directions, for its connections, and in its handlers, which
    /// get half of them at most.
    package var maxBufferedBytes = 96 << 20
    /// The most sockets that clients may have open, so that descriptors are left for the process and the admin port.
    package var maxSockets = 0
    /// The most frames or requests of one connection in a second; the burst is twice that.
    package var messagesPerSecond = 1_000
    /// Seconds without life after which a WebSocket is dropped; it is pinged after half of them.
    package var idleTimeout = 20
    /// Seconds that a request may take to arrive.
    package var handshakeTimeout = 10
    /// The most seconds that a request stays parked: a little more than a lookup's own time limit.
    package var lookupTimeout = 4
    /// Nanoseconds after which a turn begins no further step; the longest step and the last flush come on top.
    package var turnTime: UInt64 = 10_000_000
    /// The fewest connections for which one call for all of them costs less than a call for each.
    package var fewestCallsPerBatch = 6

    package init() {}
}

extension TransportSettings {
    /// Steps, or as much work as they usually have, between two readings of the clock in one turn.
    static let workPerClockReading = 4
    /// Timers that fire in a turn however much time it has used.
    static let timersPerTurn = 16
    /// Complete frames handled for one connection in one turn, so that the others get their share.
    static let framesPerTurn = 256
    /// Requests likewise; an answer can be large.
    static let requestsPerTurn = 16
    /// Room for nearly every response head, so that it needs one allocation.
    static let usualHeadBytes = 384
    /// The length from which an answer counts as long: it takes time to build.
    static let longAnswerBytes = 4 << 10
    /// Bytes of long answers in one turn, all connections together; after that, connections that have had one wait for
    /// the next turn.
    static let answerBytesPerTurn = 256 << 10
    /// Bytes read from all ready connections together before the first of them gets its turn again.
    static let bytesPerRound = 2 << 20
    /// Sends that they cause likewise.
    static let sendsPerRound = 8_000
    /// Bytes read from one connection that is drained, with one call.
    static let drainedBytes = 1 << 20
    /// Rounds of that, each of one read or of the frames that have arrived.
    static let drainedRounds = 64
    /// Connections without a WebSocket that are served in one turn.
    static let strangersPerTurn = 64
    /// Messages that one connection may cause to be sent in one turn: one frame to a large room causes many.
    static let sendsPerTurn = 2_000
    /// Bytes copied to outputs that one connection may cause in one turn.
    static let copiedBytesPerTurn = 4 << 20
    /// Connections accepted in one turn by one loop, so that the other loops get some.
    static let acceptsPerTurn = 16
    /// The size of a loop's read buffer, and so the most that is read from one connection in one turn.
    static let readBytes = 64 << 10
    /// The largest rest of a frame that is copied before the next read; behind a larger one, reads append in place.
    static let copiedRestBytes = 8 << 10
    /// The size from which a frame is offered to the kernel at once, and what it does not accept is kept once for all
    /// receivers; smaller ones are copied for each, so that one send takes many.
    package static let sharedBytes = 16 << 10
    /// The output of one connection that waits for its share of bulk output once the kernel accepts more.
    static let bulkBytes = 64 << 10
    /// The most bytes offered to the kernel with one call, so that no connection has the loop to itself.
    static let mostBytesPerSend = (1 << 20) + (64 << 10)
    /// Bytes of bulk output sent in one turn; the rest waits for the next turn, behind what is small.
    static let bulkBytesPerTurn = 4 << 20
    /// The part of that which a send takes at least.
    static let fewestBytesPerBulkSend = 4 << 10
    /// Unsent bytes of one connection that the kernel holds: more would be memory that no limit counts. Enough for
    /// 20 Mbit/s at a round trip of 100 ms.
    static let kernelQueueBytes: Int32 = 256 << 10
    /// The number of connections with output that triggers a flush before another one is read: the output is still in
    /// the core's cache then, and its memory serves the next ones.
    static let dirtyPerFlush = 128
    /// The fewest steps between two such flushes.
    static let stepsPerFlush = 32
    /// Sends caused by one step that make its connection wait for those whose steps are cheap.
    static let sendsPerCostlyStep = 512
    /// The pause of a sender of large messages for a receiver that has half of what it may have queued, in nanoseconds.
    static let fullReceiverPause: UInt64 = 500_000_000
    /// The output of one loop that triggers a flush before the end of the turn: large messages to large rooms would
    /// take memory that is not counted yet.
    static let unflushedBytesPerTurn = 4 << 20
    /// Seconds that a kept-alive connection may rest between requests: longer than proxies keep one open.
    static let keepAliveSeconds: UInt64 = 75
    /// The memory of a connection that rests, without buffers: itself, its parser, its timer and the handler's session.
    static let bytesPerConnection = 512
    /// The number of closed connections that makes it worth giving free memory back to the system.
    static let connectionsPerTrim = 1_000
    /// The size from which a block of memory comes from the system and goes back to it.
    static let mappedBlockBytes: Int32 = 64 << 10
    /// Freed bytes that make it worth it.
    static let bytesPerTrim = 2 << 20
    /// The delay before free memory is given back, in nanoseconds: until the rush is over.
    static let trimDelay: UInt64 = 2_000_000_000
    /// Connections closed at a time for their memory; each may have many others to be told.
    static let closesPerShedding = 256
    /// The time after which unfinished input that does not grow goes, if others must pause for memory all the while.
    static let staleAfter: UInt64 = 1_000_000_000
    /// The longest pause of a connection that sends much while memory is short, in nanoseconds.
    static let longestMemoryPause: UInt64 = 1_000_000_000
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
    /// The times that a close may take `closeSeconds` more because its peer reads on: 45 s, so a minute in all for one
    /// with much output.
    static let mostCloseExtensions: UInt8 = 15
    /// The shortest pause of a connection above its message rate, in nanoseconds.
    static let shortestPause: UInt64 = 20_000_000
}
