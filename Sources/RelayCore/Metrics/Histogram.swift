/// How often something took how long, at one moment.
package struct HistogramSnapshot: Hashable, Sendable {
    /// Of the buckets, in nanoseconds, ascending; each bound belongs to its bucket.
    package let upperBounds: [Int]
    /// Of each bucket alone, and of what lies beyond the last bound.
    package let counts: [Int]
    /// Of all that was observed, in nanoseconds.
    package let sum: Int

    package init(upperBounds: [Int], counts: [Int], sum: Int) {
        precondition(counts.count == upperBounds.count + 1, "a count for each bound, and one for what lies beyond")
        self.upperBounds = upperBounds
        self.counts = counts
        self.sum = sum
    }
}

/// Counts how often something took how long.
///
/// A value, for whoever has a lock or a thread of its own to keep it under.
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
