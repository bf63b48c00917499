/// The phase under which a connection is counted in the gauges of its loop.
///
/// It is no part of `ConnectionGauges`, so that its one byte stands where no padding comes behind it.
struct PhaseGauge {
    private var phase: CountedPhase?

    /// Counts the connection under its new phase; nil once it has left the loop.
    mutating func count(as new: CountedPhase?, in counters: TransportCounters) {
        guard new != phase else { return }
        if let phase { counters.connectionsByPhase.add(-1, for: phase) }
        if let new { counters.connectionsByPhase.add(1, for: new) }
        phase = new
    }
}
