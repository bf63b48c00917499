import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Siblings from the DNS")
    struct PeerDirectoryTests {
        /// Answers of the DNS count for no time at all, so that every lookup asks anew, and forgets those before.
        static var forgetful: ClusterLimits {
            var limits = ClusterUnderTest.patient
            limits.names.fresh = .zero
            limits.names.doubtful = .zero
            limits.names.missing = .zero
            return limits
        }

        @Test("machines are looked up by the app's name, and addresses by the machines' names")
        func names() async throws {
            try await ClusterUnderTest.run([.holding([])]) { test in
                _ = await test.locate(1)
                #expect(test.names.script.value.asked == ["\(test.siblings[0].id).vm.game.internal"])
                #expect(test.queries[.answered] == 2)
            }
        }

        @Test("an answer serves all lookups for some seconds")
        func cached() async throws {
            try await ClusterUnderTest.run([.holding([]), .holding([])]) { test in
                for number: UInt64 in 1...10 { _ = await test.locate(number) }
                #expect(test.names.script.value.asked.count == 2)
            }
        }

        @Test("lookups fail while the DNS fails, and succeed when it is back")
        func comesBack() async throws {
            let code = ClusterUnderTest.code(1)
            try await ClusterUnderTest.run([.holding([code])], limits: Self.forgetful, machines: .fails) { test in
                for _ in 0..<3 { #expect(await test.cluster.holder(of: code) == nil) }
                #expect(test.lookups[.failed] == 3 && test.queries[.failed] == 4)
                #expect(test.log.warnings.value.count == 1)
                #expect(test.log.warnings.value.first?.contains("name=vms.game.internal reason=Failure()") == true)
                test.names.list(["\(test.siblings[0].id) iad"])
                #expect(await test.cluster.holder(of: code) == test.siblings[0].id)
            }
        }

        @Test(
            "while the DNS fails or lists nothing, the siblings of its last list are asked",
            arguments: [.fails, .answers([]), .answers([[]]), .answers([[0xFF, 0x2C]])]
                as [ScriptedNames.Conduct<[[UInt8]]>])
        func lastGoodList(conduct: ScriptedNames.Conduct<[[UInt8]]>) async throws {
            let code = ClusterUnderTest.code(1)
            try await ClusterUnderTest.run([.holding([code])], limits: Self.forgetful) { test in
                _ = await test.locate(2)
                test.names.script.change { $0.machines = conduct }
                #expect(await test.cluster.holder(of: code) == test.siblings[0].id)
                #expect(test.queries[.failed] == 1)
            }
        }

        @Test(
            "while a sibling's address is unavailable, its last one is used",
            arguments: [.fails, .answers([])] as [ScriptedNames.Conduct<[SocketAddress]>])
        func lastGoodAddress(conduct: ScriptedNames.Conduct<[SocketAddress]>) async throws {
            let code = ClusterUnderTest.code(1)
            try await ClusterUnderTest.run([.holding([code])], limits: Self.forgetful) { test in
                _ = await test.locate(2)
                test.move(0, to: conduct)
                test.siblings[0].hangUp()
                await test.siblings[0].traffic.wait { $0.closed == 1 }
                #expect(await test.cluster.holder(of: code) == test.siblings[0].id)
                #expect(test.queries[.failed] == 1)
            }
        }

        @Test("while the DNS is silent, its last siblings and addresses are used, and the query goes on")
        func slowDNS() async throws {
            let code = ClusterUnderTest.code(1)
            var limits = Self.forgetful
            limits.names.patience = .milliseconds(1)
            try await ClusterUnderTest.run([.holding([code])], limits: limits) { test in
                _ = await test.locate(2)
                // Nobody waits for a query for longer than a moment; these are to have ended.
                await test.log.queries.wait { $0 == 3 }
                test.names.script.change { $0.machines = .silent }
                test.move(0, to: .silent)
                for number in 1...3 {
                    test.siblings[0].hangUp()
                    await test.siblings[0].traffic.wait { $0.closed == number }
                    #expect(await test.cluster.holder(of: code) == test.siblings[0].id)
                }
                // One query for each of the two names before, and one for each that still goes on.
                #expect(test.names.script.value.asked.count == 4)
            }
        }

        @Test("a DNS that is silent from the start lets a lookup run into its time limit, and no longer")
        func silentDNS() async throws {
            var limits = ClusterUnderTest.patient
            limits.lookup = .milliseconds(100)
            try await ClusterUnderTest.run([.holding([])], limits: limits, machines: .silent) { test in
                #expect(await test.locate(1) == nil)
                #expect(test.lookups[.timedOut] == 1 && test.requestCount == 0)
            }
        }

        @Test("a new machine is asked, and one that has left is not")
        func comeAndGo() async throws {
            try await ClusterUnderTest.run([.holding([]), .holding([])], limits: Self.forgetful) { test in
                let (first, second) = (test.siblings[0], test.siblings[1])
                test.names.list(["\(first.id) iad"])
                _ = await test.locate(1)
                test.names.list(["\(first.id) iad", "\(second.id) iad"])
                _ = await test.locate(2)
                test.names.list(["\(second.id) iad", "self iad", "other ams"])
                _ = await test.locate(3)
                #expect(first.traffic.value.requests.count == 2)
                #expect(second.traffic.value.requests.count == 2)
            }
        }

        @Test("without siblings nobody is asked, and no miss is remembered")
        func alone() async throws {
            var limits = Self.forgetful
            (limits.names.final, limits.names.betweenFinal) = (.zero, .zero)
            try await ClusterUnderTest.run(
                [], limits: limits, machines: ScriptedNames.listing(["self iad"])
            ) { test in
                for _ in 0..<2 { #expect(await test.locate(1) == nil) }
                #expect(test.lookups[.notFound] == 2)
                // At the start of each lookup, and before its no.
                #expect(test.names.script.value.asked == Array(repeating: "vms.game.internal", count: 4))
            }
        }

        @Test("a list without siblings expires as soon as an empty one, whatever other machines it has")
        func onlyDistant() async throws {
            var limits = ClusterUnderTest.patient
            (limits.names.fresh, limits.names.doubtful) = (.hours(1), .zero)
            let list = ScriptedNames.listing(["self iad", "far ams"])
            try await ClusterUnderTest.run([.holding([])], limits: limits, machines: list) { test in
                for _ in 0..<2 { #expect(await test.locate(1) == nil) }
                #expect(test.names.script.value.asked.count == 2)
                test.names.list(["\(test.siblings[0].id) iad", "far ams"])
                for number: UInt64 in 2...5 { #expect(await test.locate(number) == nil) }
                #expect(test.names.script.value.asked.count == 4)
                #expect(test.requestCount == 4)
            }
        }

        @Test(
            "a sibling whose address is unknown or slow does not delay the others",
            arguments: [.fails, .answers([]), .silent] as [ScriptedNames.Conduct<[SocketAddress]>])
        func address(conduct: ScriptedNames.Conduct<[SocketAddress]>) async throws {
            let code = ClusterUnderTest.code(1)
            try await ClusterUnderTest.run([.holding([]), .holding([code])]) { test in
                test.move(0, to: conduct)
                #expect(await test.cluster.holder(of: code) == test.siblings[1].id)
            }
        }

        @Test("a sibling whose address does not arrive in time becomes a suspect")
        func lateAddress() async throws {
            var limits = ClusterUnderTest.patient
            // Long enough for whoever answers to do so on any machine.
            limits.silence = .init(least: .seconds(2), most: .seconds(2))
            limits.patienceWithSuspects = .milliseconds(1)
            try await ClusterUnderTest.run([.holding([]), .holding([])], limits: limits) { test in
                test.move(0, to: .silent)
                let start = ContinuousClock.now
                for number: UInt64 in 1...20 { #expect(await test.locate(number) == nil) }
                #expect(start.duration(to: .now) < .seconds(22))
                #expect(test.lookups[.timedOut] == 20 && test.probes[.notFound] == 20)
            }
        }

        @Test("only machine ids of a DNS answer get into a request")
        func injection() async throws {
            let id = try ClusterUnderTest.id(0)
            let list = ScriptedNames.listing([
                "\(id)\r\nX-Evil:1 iad", "\(id)?x iad", "\(id)/../x iad", "\(id)\u{0} iad", "a@b iad", "\(id) iad",
                "\(id) iad\r\nX-Evil: 1",
            ])
            try await ClusterUnderTest.run([.holding([])], machines: list) { test in
                #expect(await test.locate(1) == nil)
                #expect(test.siblings[0].traffic.value.requests.count == 1)
                #expect(test.siblings[0].traffic.value.requests.allSatisfy { !$0.contains("Evil") })
                #expect(test.names.script.value.asked == ["\(id).vm.game.internal"])
            }
        }
    }
}
