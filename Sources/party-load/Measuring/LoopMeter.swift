internal import Histogram

/// The measurements of one loop.
struct LoopMeter: Sendable {
    private(set) var sent = 0
    private(set) var deliveries = 0
    /// Nanoseconds.
    private(set) var latencies = LoopMeter.emptyHistogram
    /// Processor time of the loop's thread.
    private(set) var processorNanoseconds: UInt64 = 0
    var failures = Failures()
    /// Connections opened, rooms entered, and rooms entered again, each with the time it took.
    var opened = Passage()
    var entered = Passage()
    var reentered = Passage()

    /// True within the measured time.
    private(set) var isOpen = false
    private var processorAtStart: UInt64 = 0
    /// Messages scheduled in this time count for the latencies of an open loop.
    private var counted: Range<UInt64> = 0..<0

    /// A number of events, and the time they took.
    struct Passage: Hashable, Sendable {
        var count = 0
        var nanoseconds: UInt64 = 0

        /// Events per second; nil if there were none.
        var rate: Double? { count > 0 && nanoseconds > 0 ? Double(count) * Clocks.second / Double(nanoseconds) : nil }

        /// Combines loops that ran concurrently.
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

    /// Sets the time in which scheduled messages count.
    mutating func count(dueIn time: Range<UInt64>) { counted = time }

    @inline(__always)
    mutating func countSent(_ count: Int) {
        if isOpen { sent += count }
    }

    @inline(__always)
    mutating func countDelivered(_ count: Int) {
        if isOpen { deliveries += count }
    }

    /// Records the latency of a message from the time it was scheduled for, if that time counts.
    @inline(__always)
    mutating func record(due: UInt64, at now: UInt64) {
        if counted.contains(due) { record(latency: now - due) }
    }

    @inline(__always)
    mutating func record(latency: UInt64) {
        latencies.record(min(latency, LoopMeter.longestLatency))
    }

    var latencyCount: Int { Int(latencies.totalCount) }

    /// The latency at a percentile, in seconds; nil if none was recorded.
    func latency(percentile: Double) -> Double? {
        guard latencies.totalCount > 0 else { return nil }
        let value = percentile < 100 ? latencies.valueAtPercentile(percentile) : latencies.maxRecorded
        return Double(min(value, latencies.maxRecorded)) / Clocks.second
    }

    /// The mean latency in seconds; nil if none was recorded.
    var meanLatency: Double? {
        latencies.totalCount > 0 ? latencies.mean / Clocks.second : nil
    }

    /// Adds the measurements of a loop that ran concurrently.
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

    /// One hour, longer than the wait for any message.
    static let longestLatency: UInt64 = 3_600_000_000_000

    private static var emptyHistogram: Histogram<UInt64> {
        Histogram(highestTrackableValue: longestLatency, numberOfSignificantValueDigits: .three)
    }
}
