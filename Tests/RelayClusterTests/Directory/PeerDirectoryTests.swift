import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Siblings by the DNS")
    struct PeerDirectoryTests {
        /// Answers of the DNS count for no time at all, so that every lookup asks anew.
        static var forgetful: ClusterLimits {
            var limits = ClusterUnderTest.patient
            limits.names.fresh = .zero
            limits.names.doubtful = .zero
            return limits
        }

        @Test("the machines are asked for by the app's name, and the addresses by the machines'")
        func names() async throws {
            try await ClusterUnderTest.run([.holding([])]) { test in
                _ = await test.locate(1)
                #expect(
                    test.names.script.value.asked
                        == ["vms.game.internal", "\(test.siblings[0].id).vm.game.internal"])
                #expect(test.queries[.answered] == 2)
            }
        }

        @Test("answers serve all lookups of the next seconds")
        func cached() async throws {
            try await ClusterUnderTest.run([.holding([]), .holding([])]) { test in
                for number: UInt64 in 1...10 { _ = await test.locate(number) }
                #expect(test.names.script.value.asked.count == 3)
            }
        }

        @Test("a DNS that fails makes lookups fail, and they succeed when it is back")
        func comesBack() async throws {
            let code = ClusterUnderTest.code(1)
            try await ClusterUnderTest.run([.holding([code])], limits: Self.forgetful) { test in
                test.names.script.change { $0.machines = .fails }
                for _ in 0..<3 { #expect(await test.cluster.locate(code) == nil) }
                #expect(test.lookups[.failed] == 3 && test.queries[.failed] == 3)
                #expect(test.log.warnings.value.count == 1)
                #expect(test.log.warnings.value.first?.contains("name=vms.game.internal reason=Failure()") == true)
                test.names.list(["\(test.siblings[0].id) iad"])
                #expect(await test.cluster.locate(code) == test.siblings[0].id)
            }
        }

        @Test(
            "while the DNS fails, or lists nothing at all, the siblings it listed last are asked",
            arguments: [.fails, .answers([]), .answers([[]]), .answers([[0xFF, 0x2C]])]
                as [ScriptedNames.Conduct<[[UInt8]]>])
        func lastGoodList(conduct: ScriptedNames.Conduct<[[UInt8]]>) async throws {
            let code = ClusterUnderTest.code(1)
            try await ClusterUnderTest.run([.holding([code])], limits: Self.forgetful) { test in
                _ = await test.locate(2)
                test.names.script.change { $0.machines = conduct }
                #expect(await test.cluster.locate(code) == test.siblings[0].id)
                #expect(test.queries[.failed] == 1)
            }
        }

        @Test(
            "while a sibling's address is not to be had, the last one is used",
            arguments: [.fails, .answers([])] as [ScriptedNames.Conduct<[SocketAddress]>])
        func lastGoodAddress(conduct: ScriptedNames.Conduct<[SocketAddress]>) async throws {
            let code = ClusterUnderTest.code(1)
            try await ClusterUnderTest.run([.holding([code])], limits: Self.forgetful) { test in
                _ = await test.locate(2)
                test.move(0, to: conduct)
                #expect(await test.cluster.locate(code) == test.siblings[0].id)
                #expect(test.queries[.failed] == 1)
            }
        }

        @Test("while the DNS is silent, the siblings and addresses it gave last are used, and the query goes on")
        func slowDNS() async throws {
            let code = ClusterUnderTest.code(1)
            var limits = Self.forgetful
            limits.names.patience = .milliseconds(1)
            try await ClusterUnderTest.run([.holding([code])], limits: limits) { test in
                _ = await test.locate(2)
                test.names.script.change { $0.machines = .silent }
                test.move(0, to: .silent)
                for _ in 0..<3 { #expect(await test.cluster.locate(code) == test.siblings[0].id) }
                // One query for each of the two names before, and one for each that still goes on.
                #expect(test.names.script.value.asked.count == 4)
            }
        }

        @Test("a DNS that is silent from the start costs a lookup its time, and no more")
        func silentDNS() async throws {
            var limits = ClusterUnderTest.patient
            limits.lookup = .milliseconds(100)
            try await ClusterUnderTest.run([.holding([])], limits: limits) { test in
                test.names.script.change { $0.machines = .silent }
                #expect(await test.locate(1) == nil)
                #expect(test.lookups[.timedOut] == 1 && test.requestCount == 0)
            }
        }

        @Test("a machine that appears is asked, and one that leaves is not")
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

        @Test("without siblings nothing is asked, and nothing is remembered")
        func alone() async throws {
            try await ClusterUnderTest.run([], limits: Self.forgetful) { test in
                test.names.list(["self iad"])
                for _ in 0..<2 { #expect(await test.locate(1) == nil) }
                #expect(test.lookups[.notFound] == 2)
                #expect(test.names.script.value.asked == ["vms.game.internal", "vms.game.internal"])
            }
        }

        @Test("a list without siblings is asked for again as soon as an empty one, whoever else is in it")
        func onlyDistant() async throws {
            var limits = ClusterUnderTest.patient
            (limits.names.fresh, limits.names.doubtful) = (.hours(1), .zero)
            try await ClusterUnderTest.run([.holding([])], limits: limits) { test in
                test.names.list(["self iad", "far ams"])
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
                #expect(await test.cluster.locate(code) == test.siblings[1].id)
            }
        }

        @Test("a sibling whose address does not come in time is a suspect")
        func lateAddress() async throws {
            var limits = ClusterUnderTest.patient
            limits.lookup = .seconds(2)
            limits.patienceWithSuspects = .milliseconds(1)
            try await ClusterUnderTest.run([.holding([]), .holding([])], limits: limits) { test in
                test.move(0, to: .silent)
                let start = ContinuousClock.now
                for number: UInt64 in 1...20 { #expect(await test.locate(number) == nil) }
                #expect(start.duration(to: .now) < .seconds(22))
                #expect(test.lookups[.timedOut] == 20 && test.probes[.notFound] == 20)
            }
        }

        @Test("nothing of the DNS but machine ids gets into a request")
        func injection() async throws {
            try await ClusterUnderTest.run([.holding([])]) { test in
                let id = test.siblings[0].id
                test.names.list([
                    "\(id)\r\nX-Evil:1 iad", "\(id)?x iad", "\(id)/../x iad", "\(id)\u{0} iad", "a@b iad", "\(id) iad",
                    "\(id) iad\r\nX-Evil: 1",
                ])
                #expect(await test.locate(1) == nil)
                #expect(test.siblings[0].traffic.value.requests.count == 1)
                #expect(test.siblings[0].traffic.value.requests.allSatisfy { !$0.contains("Evil") })
                #expect(test.names.script.value.asked == ["vms.game.internal", "\(id).vm.game.internal"])
            }
        }
    }
}
