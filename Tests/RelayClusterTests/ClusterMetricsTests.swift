import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Metrics of the cluster")
    struct ClusterMetricsTests {
        @Test("every lookup's duration is observed once, whatever its result, except for refused ones")
        func lookupTimes() async throws {
            var limits = ClusterUnderTest.patient
            limits.lookupsAtOnce = 1
            try await ClusterUnderTest.run([.silent, .holding([ClusterUnderTest.code(1)])], limits: limits) { test in
                func observed() -> Int { test.cluster.statistics().lookupTimes.snapshot.counts.reduce(0, +) }
                _ = await test.locate(1)
                #expect(test.lookups[.found] == 1 && observed() == 1)
                let code = ClusterUnderTest.code(2)
                let caller = Task { await test.cluster.holder(of: code) }
                await test.siblings[1].traffic.wait { $0.requests.count == 2 }
                _ = await test.locate(3)
                #expect(test.lookups[.refused] == 1 && observed() == 1)
                caller.cancel()
                _ = await caller.value
                #expect(test.lookups[.cancelled] == 1 && observed() == 2)
            }
            limits.lookup = .milliseconds(100)
            try await ClusterUnderTest.run([.silent], limits: limits) { test in
                #expect(await test.locate(1) == nil)
                #expect(test.lookups[.timedOut] == 1)
                let times = test.cluster.statistics().lookupTimes.snapshot
                #expect(times.counts.reduce(0, +) == 1 && times.sum >= 100_000_000)
            }
        }

        @Test("the number of siblings is that of the last DNS list, even while the DNS fails")
        func siblings() async throws {
            try await ClusterUnderTest.run(
                [.holding([]), .holding([])], limits: PeerDirectoryTests.forgetful, machines: .fails
            ) { test in
                #expect(test.cluster.statistics().siblings == 0)
                for (number, listed) in [2, 1, 2].enumerated() {
                    let ids = test.siblings.prefix(listed).map { "\($0.id) iad" }
                    test.names.list(ids + ["self iad", "other ams"])
                    _ = await test.locate(UInt64(number))
                    #expect(test.cluster.statistics().siblings == listed)
                }
                test.names.script.change { $0.machines = .fails }
                _ = await test.locate(9)
                #expect(test.cluster.statistics().siblings == 2)
                test.names.list(["self iad"])
                // Behind a failure nobody waits for the query.
                _ = await test.locate(10)
                while test.cluster.statistics().siblings != 0 { try await Task.sleep(for: .milliseconds(1)) }
            }
        }

        @Test("a silent sibling is a suspect until it answers or is no longer listed")
        func suspects() async throws {
            var limits = ClusterUnderTest.patient
            // Long enough for whoever answers to do so on any machine.
            limits.silence = .init(least: .seconds(2), most: .seconds(2))
            limits.patienceWithSuspects = .milliseconds(1)
            (limits.names.fresh, limits.names.missing) = (.zero, .zero)
            try await ClusterUnderTest.run([.silent, .silent, .holding([])], limits: limits) { test in
                let ids = test.siblings.map(\.id)
                #expect(test.cluster.statistics().suspects == 0)
                #expect(await test.locate(1) == nil)
                #expect(test.lookups[.timedOut] == 1)
                try await test.untilSuspects(2)
                test.siblings[0].behave(.holding([ClusterUnderTest.code(2)]))
                test.siblings[0].wakeUp()
                try await test.untilSuspects(1)
                #expect(await test.locate(2) == ids[0])
                try await test.untilSuspects(1)
                test.names.list(["\(ids[0]) iad", "\(ids[2]) iad"])
                #expect(await test.locate(3) == nil)
                try await test.untilSuspects(0)
            }
        }
    }
}
