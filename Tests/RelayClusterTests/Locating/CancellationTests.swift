import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Cancelled lookups")
    struct CancellationTests {
        @Test("one of two callers can give up at once, and the other still gets the answer")
        func oneOfTwo() async throws {
            let code = ClusterUnderTest.code(1)
            try await ClusterUnderTest.run([.silent]) { test in
                let first = Task { await test.cluster.holder(of: code) }
                await test.siblings[0].traffic.wait { $0.requests.count == 1 }
                let second = Task { await test.cluster.holder(of: code) }
                first.cancel()
                #expect(await first.value == nil)
                test.siblings[0].behave(.holding([code]))
                test.siblings[0].wakeUp(FakeSibling.room(test.siblings[0].id.text))
                #expect(await second.value == test.siblings[0].id)
            }
        }

        @Test("with its last caller a lookup ends, and the connections that it opened serve the next")
        func last() async throws {
            let code = ClusterUnderTest.code(1)
            try await ClusterUnderTest.run([.silent, .silent]) { test in
                let callers = (0..<3).map { _ in Task { await test.cluster.holder(of: code) } }
                for sibling in test.siblings { await sibling.traffic.wait { $0.requests.count == 1 } }
                for caller in callers { caller.cancel() }
                for caller in callers { #expect(await caller.value == nil) }
                #expect(test.lookups[.cancelled] == 1 && test.probes[.cancelled] == 2)
                for sibling in test.siblings {
                    sibling.behave(.holding([]))
                    sibling.wakeUp()
                }
                #expect(await test.locate(2) == nil)
                for sibling in test.siblings {
                    #expect(sibling.traffic.value.opened == 1 && sibling.traffic.value.closed == 0)
                }
            }
        }

        @Test("a cancelled lookup is not remembered as a miss")
        func notRemembered() async throws {
            let code = ClusterUnderTest.code(1)
            try await ClusterUnderTest.run([.silent]) { test in
                let caller = Task { await test.cluster.holder(of: code) }
                await test.siblings[0].traffic.wait { $0.requests.count == 1 }
                caller.cancel()
                #expect(await caller.value == nil)
                test.siblings[0].behave(.holding([code]))
                // The late answer is for the question that nobody waits for.
                test.siblings[0].wakeUp()
                #expect(await test.cluster.holder(of: code) == test.siblings[0].id)
            }
        }

        @Test("a caller that is cancelled beforehand gets nil, in any order of events")
        func beforehand() async throws {
            try await ClusterUnderTest.run([.silent]) { test in
                for number: UInt64 in 0..<200 {
                    let code = ClusterUnderTest.code(number)
                    let caller = Task { await test.cluster.holder(of: code) }
                    caller.cancel()
                    #expect(await caller.value == nil)
                }
                let code = ClusterUnderTest.code(0)
                test.siblings[0].behave(.holding([code]))
                test.siblings[0].wakeUp()
                #expect(await test.cluster.holder(of: code) == test.siblings[0].id)
                #expect(test.siblings[0].traffic.value.opened == 1)
            }
        }

        @Test("lookups that wait for the DNS can be cancelled, and later ones get its answer")
        func duringDNS() async throws {
            let code = ClusterUnderTest.code(1)
            var limits = ClusterUnderTest.patient
            limits.lookupsAtOnce = 1
            try await ClusterUnderTest.run([.holding([code])], limits: limits, machines: .silent) { test in
                for _ in 0..<100 {
                    let caller = Task { await test.cluster.holder(of: code) }
                    await test.names.script.wait { $0.asked.count == 1 }
                    caller.cancel()
                    #expect(await caller.value == nil)
                }
                #expect(test.names.script.value.asked.count == 1)
            }
        }
    }
}
