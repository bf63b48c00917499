import NIOCore
import RelayCore
import TestSupport
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Lookups")
    struct RoomLocatorTests {
        @Test("a thousand lookups of one unknown code at once cost one round of probes")
        func oneRound() async throws {
            var limits = ClusterUnderTest.patient
            limits.missMemory = .hours(1)
            try await ClusterUnderTest.run([.holding([]), .holding([]), .holding([])], limits: limits) { test in
                let code = ClusterUnderTest.code(1)
                await withTaskGroup(of: InstanceID?.self) { group in
                    for _ in 0..<1_000 { group.addTask { await test.cluster.holder(of: code) } }
                    for await found in group { #expect(found == nil) }
                }
                #expect(test.siblings.map(\.traffic.value.requests.count) == [1, 1, 1])
                #expect(test.lookups[.notFound] == 1)
            }
        }

        @Test("random codes never cost more probes than siblings times distinct codes")
        func randomCodes() async throws {
            var limits = ClusterUnderTest.patient
            limits.missMemory = .hours(1)
            var random = SeededGenerator(seed: 9)
            let codes = (0..<400).map { _ in ClusterUnderTest.code(UInt64(random.roll(60))) }
            try await ClusterUnderTest.run(Array(repeating: .holding([]), count: 8), limits: limits) { test in
                await withTaskGroup(of: Void.self) { group in
                    for worker in 0..<20 {
                        group.addTask {
                            for code in codes[(worker * 20)..<(worker * 20 + 20)] {
                                #expect(await test.cluster.holder(of: code) == nil)
                            }
                        }
                    }
                }
                #expect(test.requestCount == 8 * Set(codes).count)
                #expect(test.lookups[.notFound] == Set(codes).count)
            }
        }

        @Test("misses are remembered, and found rooms are not")
        func memory() async throws {
            let code = ClusterUnderTest.code(1)
            var limits = ClusterUnderTest.patient
            limits.missMemory = .hours(1)
            try await ClusterUnderTest.run([.holding([code])], limits: limits) { test in
                for _ in 0..<3 { #expect(await test.cluster.holder(of: code) == test.siblings[0].id) }
                #expect(test.requestCount == 3)
                for _ in 0..<3 { #expect(await test.locate(2) == nil) }
                #expect(test.requestCount == 4)
            }
        }

        @Test(
            "only the no of every sibling is conclusive, also when it is remembered",
            arguments: [
                ([FakeSibling.Conduct.holding([]), .holding([])], 60_000, RoomLocation.nowhere),
                ([.holding([]), .sends("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")], 60_000, .unknown),
                ([.holding([]), .silent], 3_000, .unknown),
            ])
        func conclusive(conducts: [FakeSibling.Conduct], milliseconds: Int, location: RoomLocation) async throws {
            var limits = ClusterUnderTest.patient
            (limits.missMemory, limits.doubtfulMissMemory) = (.hours(1), .hours(1))
            limits.lookup = .milliseconds(Int64(milliseconds))
            try await ClusterUnderTest.run(conducts, limits: limits) { test in
                for _ in 0..<2 { #expect(await test.cluster.locate(ClusterUnderTest.code(1)) == location) }
                #expect(test.requestCount == conducts.count)
            }
        }

        @Test("a doubtful miss is remembered for a time of its own, and then looked up again")
        func doubtfulMemory() async throws {
            let failing = FakeSibling.Conduct.sends("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
            var limits = ClusterUnderTest.patient
            (limits.missMemory, limits.doubtfulMissMemory) = (.hours(1), .zero)
            try await ClusterUnderTest.run([failing, .holding([])], limits: limits) { test in
                for _ in 0..<3 { #expect(await test.locate(1) == nil) }
                #expect(test.requestCount == 6)
            }
            (limits.missMemory, limits.doubtfulMissMemory) = (.zero, .hours(1))
            try await ClusterUnderTest.run([failing, .holding([])], limits: limits) { test in
                for _ in 0..<3 { #expect(await test.locate(1) == nil) }
                #expect(test.requestCount == 2)
            }
        }

        @Test("a lookup beyond the bound is refused, counted and logged")
        func tooManyLookups() async throws {
            var limits = ClusterUnderTest.patient
            limits.lookupsAtOnce = 2
            limits.missMemory = .hours(1)
            try await ClusterUnderTest.run([.holding([])], limits: limits) { test in
                await test.connect()
                test.siblings[0].behave(.silent)
                let waiting = ([1, 2, 1] as [UInt64]).map { number in
                    let code = ClusterUnderTest.code(number)
                    return Task { await test.cluster.holder(of: code) }
                }
                await test.siblings[0].traffic.wait { $0.requests.count == 3 }
                #expect(await test.cluster.locate(ClusterUnderTest.code(3)) == .unknown)
                #expect(test.lookups[.refused] == 1)
                #expect(test.log.warnings.value.count == 1)
                test.siblings[0].wakeUp()
                for task in waiting { #expect(await task.value == nil) }
                test.siblings[0].behave(.holding([ClusterUnderTest.code(3)]))
                #expect(await test.locate(3) == test.siblings[0].id)
            }
        }

        @Test("searches of unknown codes take turns, and rooms are found meanwhile")
        func turns() async throws {
            var limits = ClusterUnderTest.patient
            limits.searchQuestionsAtOnce = 3
            limits.patience = .init(least: .hours(1), most: .hours(1))
            try await ClusterUnderTest.run([.holding([]), .holding([])], limits: limits) { test in
                await test.connect()
                let rendezvous = Rendezvous(test.siblings.map(\.id))
                let codes = (1...100).map { ClusterUnderTest.code(UInt64($0)) }
                // The second is asked last for these, and does not answer.
                let unknown = codes.filter { rendezvous.winner(of: $0) == test.siblings[0].id }.prefix(8)
                let room = try #require(codes.last { rendezvous.winner(of: $0) == test.siblings[0].id })
                test.siblings[0].behave(.holding([room]))
                test.siblings[1].behave(.silent)
                let waiting = unknown.map { code in Task { await test.cluster.locate(code) } }
                await test.siblings[0].traffic.wait { $0.requests.count == 9 }
                await test.siblings[1].traffic.wait { $0.requests.count == 4 }
                #expect(await test.cluster.locate(room) == .sibling(test.siblings[0].id))
                #expect(test.cluster.statistics().firstRight == 1)
                #expect(test.siblings[1].traffic.value.requests.count == 4)
                test.siblings[1].behave(.holding([]))
                test.siblings[1].wakeUp()
                for task in waiting { #expect(await task.value == .nowhere) }
                #expect(test.lookups[.notFound] == 9)
            }
        }

        @Test("an existing room costs one question, and its searches share one connection to each sibling")
        func oneQuestion() async throws {
            let conducts = Array(repeating: FakeSibling.Conduct.holding([]), count: 5)
            var limits = ClusterUnderTest.patient
            limits.patience = .init(least: .hours(1), most: .hours(1))
            try await ClusterUnderTest.run(conducts, limits: limits) { test in
                let rendezvous = Rendezvous(test.siblings.map(\.id))
                let codes = (0..<100).map { ClusterUnderTest.code(UInt64($0)) }
                for sibling in test.siblings {
                    sibling.behave(.holding(codes.filter { rendezvous.winner(of: $0) == sibling.id }))
                }
                await withTaskGroup(of: Bool.self) { group in
                    for code in codes {
                        group.addTask { await test.cluster.holder(of: code) == rendezvous.winner(of: code) }
                    }
                    for await isRight in group { #expect(isRight) }
                }
                #expect(test.requestCount == 100 && test.cluster.statistics().firstRight == 100)
                #expect(test.siblings.allSatisfy { $0.traffic.value.opened == 1 })
                #expect(test.cluster.statistics().keptConnections == 5)
            }
        }

        @Test("a room that is not where its code leads is found among the others, be they originals")
        func elsewhere() async throws {
            let codes = (0..<40).map { ClusterUnderTest.code(UInt64($0)) }
            let conducts: [FakeSibling.Conduct] = [.holding([]), .original(codes), .holding([]), .original([])]
            try await ClusterUnderTest.run(conducts) { test in
                await withTaskGroup(of: Bool.self) { group in
                    for code in codes {
                        group.addTask { await test.cluster.holder(of: code) == test.siblings[1].id }
                    }
                    for await isRight in group { #expect(isRight) }
                }
                await test.siblings[1].traffic.wait { $0.opened == $0.closed }
                #expect(test.siblings[1].traffic.value.opened == test.siblings[1].traffic.value.requests.count)
                #expect(test.siblings[0].traffic.value.opened == 1)
                #expect(test.cluster.statistics().firstRight < 40)
            }
        }

        @Test("that nobody knows is remembered for a while")
        func unknown() async throws {
            let failing = FakeSibling.Conduct.sends("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
            var limits = ClusterUnderTest.patient
            limits.doubtfulMissMemory = .hours(1)
            try await ClusterUnderTest.run([failing], limits: limits) { test in
                for _ in 0..<3 { #expect(await test.cluster.locate(ClusterUnderTest.code(1)) == .unknown) }
                #expect(test.lookups[.failed] == 1)
            }
        }
    }
}
