import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Connections that are kept")
    struct KeptConnectionTests {
        static let codes = (0..<50).map { ClusterUnderTest.code(UInt64($0)) }

        /// Looks for all rooms at once; each must be on this sibling.
        static func locateAll(_ test: ClusterUnderTest, at sibling: Int = 0) async {
            await withTaskGroup(of: Bool.self) { group in
                for code in codes {
                    group.addTask { await test.cluster.holder(of: code) == test.siblings[sibling].id }
                }
                for await isRight in group { #expect(isRight) }
            }
        }

        @Test("all questions to a relay go over one connection, also one after the other")
        func kept() async throws {
            try await ClusterUnderTest.run([.holding(Self.codes)]) { test in
                await Self.locateAll(test)
                for number: UInt64 in 100...110 { #expect(await test.locate(number) == nil) }
                #expect(test.siblings[0].traffic.value.opened == 1)
                #expect(test.cluster.statistics().keptConnections == 1)
            }
        }

        @Test("an original gets a connection for each question, closed after the answer, and few at a time")
        func original() async throws {
            var limits = ClusterUnderTest.patient
            limits.connectionsPerOther = 3
            try await ClusterUnderTest.run([.original(Self.codes)], limits: limits) { test in
                await Self.locateAll(test)
                let traffic = test.siblings[0].traffic
                await traffic.wait { $0.opened == 50 && $0.closed == 50 }
                // The first one was asked before its kind was known.
                #expect(traffic.value.requests.count { $0.contains("Connection: close\r\n") } == 49)
                #expect(test.cluster.statistics().keptConnections == 0)
            }
        }

        @Test("when another program runs there, it is asked as it should be")
        func replaced() async throws {
            try await ClusterUnderTest.run([.holding(Self.codes)]) { test in
                let sibling = test.siblings[0]
                await Self.locateAll(test)
                sibling.behave(.original(Self.codes))
                sibling.hangUp()
                await Self.locateAll(test)
                sibling.behave(.holding(Self.codes))
                await Self.locateAll(test)
                await Self.locateAll(test)
                #expect(test.cluster.statistics().keptConnections == 1)
            }
        }

        @Test("a connection that was closed meanwhile costs no answer")
        func closedMeanwhile() async throws {
            try await ClusterUnderTest.run([.holding(Self.codes)]) { test in
                for _ in 0..<10 {
                    test.siblings[0].hangUp()
                    await Self.locateAll(test)
                }
            }
        }

        @Test("a server that closes each connection after one answer is asked one question on each")
        func closesBetweenAnswers() async throws {
            try await ClusterUnderTest.run([.answersOnce(Self.codes)]) { test in
                await Self.locateAll(test)
                await Self.locateAll(test)
                #expect(test.probes[.failed] == 0)
            }
        }

        @Test("two answers for one question end the connection, and the next question gets its own answer")
        func twoAnswers() async throws {
            let id = try ClusterUnderTest.id(0)
            try await ClusterUnderTest.run([.repeats(FakeSibling.noRoom(id), times: 2)]) { test in
                for number: UInt64 in 1...3 { #expect(await test.locate(number) == nil) }
                await test.siblings[0].traffic.wait { $0.opened == 3 && $0.closed == 3 }
                #expect(test.lookups[.notFound] == 3)
                test.siblings[0].behave(.holding([ClusterUnderTest.code(9)]))
                #expect(await test.locate(9) == id)
            }
        }

        @Test(
            "half an answer on a kept connection is none",
            arguments: ["HTTP/1.1 404 Not Fo", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"cli"])
        func halfAnAnswer(bytes: String) async throws {
            try await ClusterUnderTest.run([.holding(Self.codes)]) { test in
                await Self.locateAll(test)
                test.siblings[0].behave(.sendsAndCloses(bytes))
                #expect(await test.cluster.locate(ClusterUnderTest.code(100)) == .unknown)
                test.siblings[0].behave(.holding(Self.codes))
                await Self.locateAll(test)
            }
        }

        @Test("an answer of another machine ends the connection, and is not believed")
        func otherMachine() async throws {
            try await ClusterUnderTest.run([.holding(Self.codes)]) { test in
                await Self.locateAll(test)
                test.siblings[0].behave(.sends(FakeSibling.room("d8d9999999999")))
                #expect(await test.cluster.locate(Self.codes[0]) == .unknown)
                await test.siblings[0].traffic.wait { $0.opened == $0.closed }
            }
        }

        @Test("one that answers nothing any more is given up, and the next question gets another connection")
        func stalled() async throws {
            var limits = ClusterUnderTest.patient
            limits.silence = .init(least: .seconds(1), most: .seconds(1))
            limits.connections.stalled = .seconds(3)
            try await ClusterUnderTest.run([.stops(Self.codes)], limits: limits) { test in
                await test.connect()
                let caller = Task { await test.cluster.locate(ClusterUnderTest.code(100)) }
                await test.siblings[0].traffic.wait { $0.requests.count == 2 }
                caller.cancel()
                await test.siblings[0].traffic.wait { $0.closed == 1 }
                #expect(await test.cluster.holder(of: Self.codes[0]) == test.siblings[0].id)
                #expect(test.siblings[0].traffic.value.opened == 2)
            }
        }

        @Test("one that has nothing to do for some time is closed")
        func idle() async throws {
            var limits = ClusterUnderTest.patient
            limits.connections.idle = .milliseconds(100)
            try await ClusterUnderTest.run([.holding(Self.codes)], limits: limits) { test in
                await Self.locateAll(test)
                await test.siblings[0].traffic.wait { $0.closed == $0.opened }
                #expect(test.cluster.statistics().keptConnections == 0)
                await Self.locateAll(test)
            }
        }

        @Test("a late answer to a question that nobody waits for is dropped, and the next one is not taken for it")
        func lateAnswer() async throws {
            try await ClusterUnderTest.run([.stops([])]) { test in
                let (sibling, code) = (test.siblings[0], ClusterUnderTest.code(1))
                await test.connect()
                let caller = Task { await test.cluster.holder(of: code) }
                await sibling.traffic.wait { $0.requests.count == 2 }
                caller.cancel()
                #expect(await caller.value == nil)
                let next = Task { await test.cluster.locate(ClusterUnderTest.code(2)) }
                await sibling.traffic.wait { $0.requests.count == 3 }
                // A yes for the first, a no for the second.
                sibling.wakeUp(FakeSibling.room(sibling.id.text), thenAll: FakeSibling.noRoom(sibling.id))
                #expect(await next.value == .nowhere)
                #expect(sibling.traffic.value.opened == 1)
            }
        }

        @Test(
            "the next address is tried when one refuses, is silent, or belongs to another machine",
            arguments: [nil, .silent, .sends(FakeSibling.room("d8d9999999999"))] as [FakeSibling.Conduct?])
        func nextAddress(conduct: FakeSibling.Conduct?) async throws {
            var limits = ClusterUnderTest.patient
            limits.connections.headStart = .milliseconds(20)
            try await ClusterUnderTest.run([.holding(Self.codes)], limits: limits) { test in
                let wrong = try await FakeSibling(test.siblings[0].id, conduct ?? .silent)
                let other = conduct == nil ? try await ClusterUnderTest.deserted() : wrong.address
                test.move(0, to: .answers([other, test.siblings[0].address]))
                await Self.locateAll(test)
                await wrong.traffic.wait { $0.opened == $0.closed }
                #expect(test.siblings[0].traffic.value.opened == 1)
                try await wrong.close()
            }
        }

        @Test("with few sockets all siblings are asked, one after the other")
        func fewSockets() async throws {
            var limits = ClusterUnderTest.patient
            limits.sockets = 2
            let conducts: [FakeSibling.Conduct] = [
                .holding([]), .original([]), .holding([]), .original([]), .holding([]), .holding(Self.codes),
            ]
            try await ClusterUnderTest.run(conducts, limits: limits) { test in
                await Self.locateAll(test, at: 5)
                #expect(await test.cluster.locate(ClusterUnderTest.code(100)) == .nowhere)
                for sibling in test.siblings {
                    #expect(sibling.traffic.value.opened - sibling.traffic.value.closed <= 2)
                }
                #expect(test.cluster.statistics().keptConnections <= 2)
            }
        }
    }
}
