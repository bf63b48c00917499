/// The counts of a histogram of durations at one moment.
package struct HistogramSnapshot: Hashable, Sendable {
    /// Inclusive upper bounds of the buckets, in nanoseconds, ascending.
    package let upperBounds: [Int]
    /// Observations per bucket, not cumulative; the last count is for those above the last bound.
    package let counts: [Int]
    /// Sum of all observations, in nanoseconds.
    package let sum: Int

    package init(upperBounds: [Int], counts: [Int], sum: Int) {
        precondition(counts.count == upperBounds.count + 1, "a count for each bound, and one for what lies beyond")
        self.upperBounds = upperBounds
        self.counts = counts
        self.sum = sum
    }
}

/// A histogram of durations.
///
/// A value: its owner guards it with a lock, or keeps it on one thread.
package struct Histogram: Hashable, Sendable {
    private let upperBounds: [Int]
    private var counts: [Int]
    private var sum = 0

    /// - Parameter upperBounds: in nanoseconds, ascending.
    package init(upperBounds: [Int]) {
        self.upperBounds = upperBounds
        counts = [Int](repeating: 0, count: upperBounds.count + 1)
    }

    package mutating func observe(nanoseconds: Int) {
        counts[upperBounds.firstIndex { nanoseconds <= $0 } ?? upperBounds.count] += 1
        sum += nanoseconds
    }

    package var snapshot: HistogramSnapshot {
        HistogramSnapshot(upperBounds: upperBounds, counts: counts, sum: sum)
    }
}
