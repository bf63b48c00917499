import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("The end of the cluster")
    struct ShutdownTests {
        @Test("lookups in progress return nil, and their connections close")
        func duringProbes() async throws {
            try await ClusterUnderTest.run([.holding([]), .holding([])]) { test in
                await test.connect()
                for sibling in test.siblings { sibling.behave(.silent) }
                let callers = (UInt64(0)..<20).map { number in
                    let code = ClusterUnderTest.code(number)
                    return Task { await test.cluster.holder(of: code) }
                }
                for sibling in test.siblings { await sibling.traffic.wait { $0.requests.count == 21 } }
                await test.cluster.shutdown()
                for caller in callers { #expect(await caller.value == nil) }
                for sibling in test.siblings { await sibling.traffic.wait { $0.closed == 1 } }
                #expect(test.lookups[.cancelled] == 20 && test.probes[.cancelled] == 40)
            }
        }

        @Test("lookups that wait for the DNS return nil, and the query ends")
        func duringDNS() async throws {
            try await ClusterUnderTest.run([.holding([])], machines: .silent) { test in
                let code = ClusterUnderTest.code(1)
                let caller = Task { await test.cluster.holder(of: code) }
                await test.names.script.wait { $0.asked.count == 1 }
                await test.cluster.shutdown()
                #expect(await caller.value == nil)
                #expect(test.lookups[.cancelled] == 1)
            }
        }

        @Test("lookups return at any moment of the shutdown, and find nothing after it")
        func atAnyMoment() async throws {
            let code = ClusterUnderTest.code(1)
            try await ClusterUnderTest.run([.holding([code])]) { test in
                await withTaskGroup(of: Void.self) { group in
                    for number: UInt64 in 0..<200 {
                        group.addTask { _ = await test.locate(number) }
                        if number == 100 { group.addTask { await test.cluster.shutdown() } }
                    }
                }
                #expect(await test.cluster.holder(of: code) == nil)
            }
        }

        @Test("every call waits for the same shutdown, which includes that of the DNS")
        func idempotent() async throws {
            let names = ScriptedNames()
            let ends = Watched(0)
            let cluster = try Cluster(
                ClusterUnderTest.configuration(), limits: ClusterLimits(), logger: LogRecord().logger
            ) { _ in (names, { ends.change { $0 += 1 } }) }
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        await cluster.shutdown()
                        #expect(ends.value == 1)
                    }
                }
            }
            await cluster.shutdown()
            #expect(ends.value == 1)
            #expect(cluster.statistics().lookups == Tally())
        }

        @Test("a resolver that cannot start is reported, and leaves no event loop behind")
        func cannotStart() throws {
            let configuration = try ClusterUnderTest.configuration()
            #expect(throws: EmptyAnswer.self) {
                try Cluster(configuration, limits: ClusterLimits(), logger: LogRecord().logger) { _ in
                    throw EmptyAnswer()
                }
            }
        }
    }
}
