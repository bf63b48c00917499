import Testing

@testable import RelayEngine

@Suite("Histograms of durations")
struct DurationCountersTests {
    @Test(
        "a duration is counted in the bucket of the first bound that it does not pass, as often as it was observed",
        arguments: [
            (0, 0), (50_000, 0), (50_001, 1), (1_000_000, 4), (1_000_001, 5), (1_000_000_000, 12), (1_000_000_001, 13),
            (Int.max / 4, 13),
        ])
    func buckets(nanoseconds: Int, bucket: Int) {
        let durations = DurationCounters()
        durations.observe(nanoseconds: nanoseconds, weight: 3)
        var counts = [Int](repeating: 0, count: 14)
        counts[bucket] = 3
        #expect(durations.counts == counts)
        #expect(durations.total == 3 * nanoseconds)
    }
}
