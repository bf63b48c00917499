import RelayCore
import Testing

@Suite("Histograms")
struct HistogramTests {
    @Test(
        "a bound includes durations equal to it, and durations above all bounds count beyond the last",
        arguments: [(0, 0), (10, 0), (11, 1), (20, 1), (21, 2), (30, 2), (31, 3), (1_000_000, 3)])
    func buckets(nanoseconds: Int, bucket: Int) {
        var histogram = Histogram(upperBounds: [10, 20, 30])
        histogram.observe(nanoseconds: nanoseconds)
        var counts = [0, 0, 0, 0]
        counts[bucket] = 1
        #expect(
            histogram.snapshot == HistogramSnapshot(upperBounds: [10, 20, 30], counts: counts, sum: nanoseconds))
    }

    @Test("counts and the sum of durations add up")
    func addsUp() {
        var histogram = Histogram(upperBounds: [10])
        for nanoseconds in [3, 4, 50] { histogram.observe(nanoseconds: nanoseconds) }
        #expect(histogram.snapshot == HistogramSnapshot(upperBounds: [10], counts: [2, 1], sum: 57))
    }
}
