internal import Histogram

/// What one loop has measured, in the time that counts.
struct LoopMeter: Sendable {
    private(set) var sent = 0
    private(set) var deliveries = 0
    /// Deliveries that the progress has not been told, those that do not count included.
    private var unreported = 0
    /// Nanoseconds.
    private(set) var latencies = LoopMeter.emptyHistogram
    /// Processor time of the loop's thread.
    private(set) var processorNanoseconds: UInt64 = 0
    var failures = Failures()
    /// Connections that were made, and rooms that were entered, with the time it took.
    var opened = Passage()
    var entered = Passage()
    var reentered = Passage()

    /// Whether this is the time that counts.
    private(set) var isOpen = false
    private var processorAtStart: UInt64 = 0
    /// What was to be sent in this time counts.
    private var counted: Range<UInt64> = 0..<0

    /// So many of a kind, and how long that took.
    struct Passage: Hashable, Sendable {
        var count = 0
        var nanoseconds: UInt64 = 0

        /// Per second; nil where there were none.
        var rate: Double? { count > 0 && nanoseconds > 0 ? Double(count) * Clocks.second / Double(nanoseconds) : nil }

        /// Of loops that ran side by side.
        static func += (left: inout Passage, right: Passage) {
            left.count += right.count
            left.nanoseconds = max(left.nanoseconds, right.nanoseconds)
        }
    }

    mutating func open() {
        isOpen = true
        processorAtStart = Clocks.threadProcessor()
    }

    mutating func close() {
        guard isOpen else { return }
        isOpen = false
        processorNanoseconds = Clocks.threadProcessor() - processorAtStart
    }

    /// Has what was to be sent in this time count.
    mutating func count(dueIn time: Range<UInt64>) { counted = time }

    @inline(__always)
    mutating func countSent(_ count: Int) {
        if isOpen { sent += count }
    }

    @inline(__always)
    mutating func countDelivered(_ count: Int) {
        unreported += count
        if isOpen { deliveries += count }
    }

    /// Deliveries since the last call: not every message counts for the progress one by one.
    mutating func takeUnreported() -> Int {
        defer { unreported = 0 }
        return unreported
    }

    /// Records the latency of a message that was to be sent at a time, if that time counts.
    @inline(__always)
    mutating func record(due: UInt64, at now: UInt64) {
        if counted.contains(due) { record(latency: now - due) }
    }

    @inline(__always)
    mutating func record(latency: UInt64) {
        latencies.record(min(latency, LoopMeter.longestLatency))
    }

    var latencyCount: Int { Int(latencies.totalCount) }

    /// In seconds; nil where there is none.
    func latency(percentile: Double) -> Double? {
        guard latencies.totalCount > 0 else { return nil }
        let value = percentile < 100 ? latencies.valueAtPercentile(percentile) : latencies.maxRecorded
        return Double(min(value, latencies.maxRecorded)) / Clocks.second
    }

    /// In seconds; nil where there is none.
    var meanLatency: Double? {
        latencies.totalCount > 0 ? latencies.mean / Clocks.second : nil
    }

    /// Takes in what another loop has measured at the same time.
    static func += (left: inout LoopMeter, right: LoopMeter) {
        left.sent += right.sent
        left.deliveries += right.deliveries
        left.latencies.add(right.latencies)
        left.processorNanoseconds += right.processorNanoseconds
        left.failures += right.failures
        left.opened += right.opened
        left.entered += right.entered
        left.reentered += right.reentered
    }

    /// An hour: longer than any message is waited for.
    static let longestLatency: UInt64 = 3_600_000_000_000

    private static var emptyHistogram: Histogram<UInt64> {
        Histogram(highestTrackableValue: longestLatency, numberOfSignificantValueDigits: .three)
    }
}
