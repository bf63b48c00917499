import RelayCore
import TestSupport
import Testing

@testable import RelayServer

@Suite("The text of a metric")
struct PrometheusTextTests {
    private static func lines(_ family: MetricFamily) throws -> [String] {
        var text = PrometheusText(commonLabels: [("instance", "one")])
        text.add(family)
        // Read once by the strict reader, so that whatever is expected below is well-formed too.
        _ = try ExpositionFormat(text.bytes)
        return String(decoding: text.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test("a gauge and a counter state their type, and have a line for each series")
    func plainKinds() throws {
        let samples = [MetricFamily.Sample(3), MetricFamily.Sample([.init("kind", "a"), .init("x", "y")], 4)]
        let series = ["m{instance=\"one\"} 3", "m{instance=\"one\",kind=\"a\",x=\"y\"} 4"]
        let gauge = try PrometheusTextTests.lines(MetricFamily("m", "Some help.", .gauge(samples)))
        #expect(gauge == ["# HELP m Some help.", "# TYPE m gauge"] + series)
        let counter = try PrometheusTextTests.lines(MetricFamily("m", "Some help.", .counter(samples)))
        #expect(counter == ["# HELP m Some help.", "# TYPE m counter"] + series)
    }

    @Test("the buckets of a histogram are cumulative, the last holds everything, and the sum is in seconds")
    func histograms() throws {
        let snapshot = HistogramSnapshot(
            upperBounds: [50_000, 1_000_000, 1_000_000_000], counts: [2, 0, 3, 1], sum: 2_500_000_001)
        let lines = try PrometheusTextTests.lines(MetricFamily("m", "Some help.", .histogram(snapshot)))
        #expect(
            lines == [
                "# HELP m Some help.", "# TYPE m histogram",
                "m_bucket{instance=\"one\",le=\"0.00005\"} 2", "m_bucket{instance=\"one\",le=\"0.001\"} 2",
                "m_bucket{instance=\"one\",le=\"1\"} 5", "m_bucket{instance=\"one\",le=\"+Inf\"} 6",
                "m_sum{instance=\"one\"} 2.500000001", "m_count{instance=\"one\"} 6",
            ])
    }

    @Test(
        "times are written in seconds, exact to the nanosecond",
        arguments: [
            (0, "0"), (1, "0.000000001"), (50_000, "0.00005"), (100_000_000, "0.1"), (999_999_999, "0.999999999"),
            (1_000_000_000, "1"), (1_500_000_000, "1.5"), (12_000_000_010, "12.00000001"), (-1, "-0.000000001"),
            (-1_500_000_000, "-1.5"), (-2_000_000_000, "-2"), (1_700_000_000_123_456_789, "1700000000.123456789"),
        ])
    func seconds(nanoseconds: Int, text: String) {
        #expect(MetricValue.nanoseconds(nanoseconds).text == text)
    }
}
