/// A connection's share in the gauges of its loop.
struct ConnectionGauges {
    /// Bytes of output that the kernel does not accept for now.
    private(set) var queuedBytes = 0
    /// Memory that it holds in buffers, as counted in the ledger.
    private(set) var bufferedBytes = 0
    /// The moment since which it has held memory.
    private(set) var holdsSince: UInt64 = 0

    /// Updates the count of queued bytes: a connection that ends a turn with output is a slow reader until all of it is
    /// sent.
    mutating func countQueue(_ waiting: Int, in counters: TransportCounters) {
        guard waiting != queuedBytes else { return }
        counters.queuedBytes.add(waiting - queuedBytes)
        if (waiting > 0) != (queuedBytes > 0) { counters.slowReaders.add(waiting > 0 ? 1 : -1) }
        queuedBytes = waiting
    }

    mutating func countBuffers(_ held: Int, in counters: TransportCounters, now: UInt64) {
        if bufferedBytes == 0 { holdsSince = now }
        counters.bufferedBytes.add(held - bufferedBytes)
        bufferedBytes = held
    }
}
