/// A histogram that one thread adds to and any thread may read.
///
/// All have the same bounds, so that the histograms of several loops can be summed.
package struct DurationCounters: ~Copyable, Sendable {
    /// In nanoseconds, from the turn of an idle loop up to a delay that ends games.
    package static let upperBounds = [
        50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000, 25_000_000, 50_000_000,
        100_000_000, 250_000_000, 1_000_000_000,
    ]

    // One for each bound, and one beyond the last.
    private let buckets = InlineArray<14, Counter> { _ in Counter() }
    private let sum = Counter()

    package init() {
        precondition(buckets.count == DurationCounters.upperBounds.count + 1, "a bucket for each bound and one beyond")
    }

    /// The count of each bucket, not cumulative, and last the one beyond the last bound.
    package var counts: [Int] { buckets.indices.map { buckets[$0].current } }

    /// The sum of all observations, in nanoseconds.
    package var total: Int { sum.current }

    /// - Parameter weight: the number of observations of this duration.
    package func observe(nanoseconds: Int, weight: Int = 1) {
        let bounds = DurationCounters.upperBounds
        var bucket = 0
        while bucket < bounds.count, nanoseconds > bounds[bucket] { bucket += 1 }
        buckets[bucket].add(weight)
        sum.add(nanoseconds &* weight)
    }
}
