/// The counters of one loop's transport. Only the loop's own thread adds; a scrape may read on any thread.
package final class TransportCounters: Sendable {
    // Gauges.

    /// Sockets of every kind and phase.
    package let openConnections = Counter()
    package let connectionsByPhase = CounterTable<CountedPhase, 4>()
    /// Bytes of output that the kernel has not accepted yet.
    package let queuedBytes = Counter()
    /// Connections that have such output.
    package let slowReaders = Counter()
    /// Memory held in buffers of connections, both directions, and in large frames that they share.
    package let bufferedBytes = Counter()
    /// Memory that the handler holds for its own purposes, as it counts it.
    package let handlerBytes = Counter()
    /// 1 while the loop sends to many connections, and reads from many, with one call.
    package let ring = Counter()

    // Counters and histograms.

    package let messagesReceived = Counter()
    package let bytesReceived = Counter()
    package let bytesSent = Counter()
    /// Sends accepted by the kernel, one for each connection of a batch.
    package let sends = Counter()
    /// System calls that did many sends each.
    package let sendBatches = Counter()
    /// System calls that read from many connections each.
    package let receiveBatches = Counter()
    /// Close frames sent.
    package let closes = CounterTable<CloseReason, 13>()
    /// Connections dropped for silence.
    package let idleDrops = Counter()
    /// Requests refused as malformed or unsupported HTTP.
    package let badRequests = Counter()
    package let limitsExceeded = CounterTable<TransportLimit, 11>()
    /// The time from the turn in which a message was read to the end of the turn that handled it.
    package let relayTime = DurationCounters()
    /// The duration of each turn, without its wait.
    package let turnTime = DurationCounters()

    /// True if the loop sends to many connections, and reads from many, with one call (io_uring).
    package var worksInBatches: Bool { ring.current > 0 }

    package init() {}
}
