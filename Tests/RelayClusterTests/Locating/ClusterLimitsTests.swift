import NIOCore
import Testing

@testable import RelayCluster

@Suite("The relay's own limits on its searches")
struct ClusterLimitsTests {
    @Test("they are those of the specification: 3 s in all, 5 s for an answer of the DNS, 2 s for a miss")
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
