/// The counters of one loop's transport. Only the loop's own thread adds; a scrape reads from any other.
package final class TransportCounters: Sendable {
    // What is there now.

    /// Sockets of every kind and phase.
    package let openConnections = Counter()
    package let connectionsByPhase = CounterTable<CountedPhase, 4>()
    /// Output that the peers' kernels have refused for now.
    package let queuedBytes = Counter()
    /// Connections that have such output.
    package let slowReaders = Counter()
    /// Memory held in buffers of connections, both directions.
    package let bufferedBytes = Counter()
    /// 1 while the loop sends to many connections, and reads from many, with one call.
    package let ring = Counter()

    // What has happened so far.

    package let messagesReceived = Counter()
    package let bytesReceived = Counter()
    package let bytesSent = Counter()
    /// Times that something was sent on a connection.
    package let sends = Counter()
    /// Calls that did many of them.
    package let sendBatches = Counter()
    /// Calls that read from many connections each.
    package let receiveBatches = Counter()
    /// Close frames sent.
    package let closes = CounterTable<CloseReason, 12>()
    /// Connections dropped because they said nothing.
    package let idleDrops = Counter()
    /// Requests that were no HTTP that is spoken here.
    package let badRequests = Counter()
    package let limitsExceeded = CounterTable<TransportLimit, 8>()
    /// From the turn in which a message was read to the end of the one that handled it.
    package let relayTime = DurationCounters()
    /// The work of each turn, without its wait.
    package let turnTime = DurationCounters()

    /// Whether the loop sends to many connections, and reads from many, with one call (io_uring).
    package var worksInBatches: Bool { ring.current > 0 }

    package init() {}
}
