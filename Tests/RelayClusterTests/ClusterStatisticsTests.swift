import Testing

@testable import RelayCluster

@Suite("Counts in the cluster")
struct ClusterStatisticsTests {
    @Test("every result has a row under its label, even if it never happened")
    func rows() {
        var statistics = ClusterStatistics()
        statistics.lookups[.notFound] += 2
        statistics.probes[.timedOut] += 1
        statistics.queries[.failed] += 3
        #expect(
            statistics.lookups.rows.map { "\($0.label) \($0.count)" }
                == ["found 0", "not_found 2", "failed 0", "timed_out 0", "refused 0", "cancelled 0"])
        #expect(
            statistics.probes.rows.map { "\($0.label) \($0.count)" }
                == ["found 0", "not_found 0", "failed 0", "timed_out 1", "cancelled 0"])
        #expect(statistics.queries.rows.map { "\($0.label) \($0.count)" } == ["answered 0", "failed 3"])
    }
}
