import NIOCore
import Testing

@testable import RelayCluster

@Suite("The default limits of the cluster")
struct ClusterLimitsTests {
    @Test("they match the specification: 3 s for a lookup, 5 s for a DNS answer, 2 s for a miss")
    func specification() {
        let limits = ClusterLimits()
        #expect(limits.lookup == .seconds(3))
        #expect(limits.names.fresh == .seconds(5))
        #expect(limits.missMemory == .seconds(2))
        // A doubtful answer is not the truth for longer than a second.
        #expect(limits.names.doubtful <= .seconds(1))
        #expect(limits.doubtfulMissMemory <= .seconds(1))
    }
}
