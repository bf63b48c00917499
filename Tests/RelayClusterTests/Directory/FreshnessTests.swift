import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Answers of the DNS that are partial or old")
    struct FreshnessTests {
        static let far = try? SocketAddress(ipAddress: "fd00::1", port: 1)
        static let near = try? SocketAddress(ipAddress: "127.0.0.1", port: 1)

        @Test("a machine that a newer list lacks is still a sibling, though not a listed one")
        func partial() async throws {
            var times = DirectoryUnderTest.patient
            times.fresh = .zero
            try await DirectoryUnderTest.run(times: times) { test async throws in
                test.names.list(["a iad", "b iad", "c iad", "d ams"])
                #expect(try await test.siblings() == ["a", "b", "c"])
                test.names.list(["b iad"])
                #expect(try await test.siblings() == ["b", "a", "c"])
                let listed = try await test.onLoop { directory in
                    ["a", "b", "c", "d"].filter { InstanceID($0).map { directory.isListed($0) } ?? false }
                }
                #expect(listed == ["b"])
                let view = try await test.onLoop { $0.board.read(now: .now()).view }
                #expect(view.region.map(\.text) == ["b", "a", "c", "self"])
                for id in ["a", "b", "c", "d", "self"] {
                    #expect(InstanceID(id).flatMap(view.isListed) == ["b", "self"].contains(id), "\(id)")
                }
            }
        }

        @Test("before a final no a list is asked for anew, and otherwise the cached one is used")
        func newMachine() async throws {
            try await DirectoryUnderTest.run { test async throws in
                test.names.list(["a iad"])
                #expect(try await test.siblings() == ["a"])
                test.names.list(["a iad", "b iad"])
                #expect(try await test.siblings() == ["a"])
                #expect(try await test.siblings(.beforeFinalNo) == ["a", "b"])
                #expect(test.names.script.value.asked == ["vms.game.internal", "vms.game.internal"])
                #expect(try await test.siblings() == ["a", "b"])
            }
        }

        @Test("before a final no a list is asked for once a second at most")
        func onceASecond() async throws {
            var times = DirectoryUnderTest.patient
            times.betweenFinal = .hours(1)
            try await DirectoryUnderTest.run(times: times) { test async throws in
                test.names.list(["a iad"])
                for _ in 0..<20 { #expect(try await test.siblings(.beforeFinalNo) == ["a"]) }
                #expect(test.names.script.value.asked.count == 1)
            }
        }

        @Test(
            "before a final no, a DNS that fails or is silent leaves the list in hand",
            arguments: [.fails, .silent, .answers([])] as [ScriptedNames.Conduct<[[UInt8]]>], ["a iad", "self iad"])
        func inHand(conduct: ScriptedNames.Conduct<[[UInt8]]>, list: String) async throws {
            var times = DirectoryUnderTest.patient
            times.patience = .milliseconds(1)
            try await DirectoryUnderTest.run(times: times) { test async throws in
                test.names.list([list])
                let siblings = try await test.siblings()
                test.names.script.change { $0.machines = conduct }
                for _ in 0..<3 { #expect(try await test.siblings(.beforeFinalNo) == siblings) }
                #expect(try await test.siblings() == siblings)
            }
        }

        @Test("all addresses of a machine are handed on, and before a final no they are asked for anew")
        func addresses() async throws {
            let (far, near) = (try #require(Self.far), try #require(Self.near))
            try await DirectoryUnderTest.run { test async throws in
                test.names.script.change { $0.addresses["a.vm.game.internal"] = .answers([far, near]) }
                #expect(try await test.addresses(of: "a") == ["fd00::1 1", "127.0.0.1 1"])
                test.names.script.change { $0.addresses["a.vm.game.internal"] = .answers([near]) }
                #expect(try await test.addresses(of: "a") == ["fd00::1 1", "127.0.0.1 1"])
                #expect(try await test.addresses(of: "a", .beforeFinalNo) == ["127.0.0.1 1"])
                test.names.script.change { $0.addresses["a.vm.game.internal"] = .fails }
                #expect(try await test.addresses(of: "a", .beforeFinalNo) == ["127.0.0.1 1"])
                #expect(try await test.addresses(of: "b") == nil)
            }
        }

        @Test("the list is fetched at the start, and an idle cluster asks nothing more")
        func start() async throws {
            try await ClusterUnderTest.run([.holding([]), .holding([])]) { test in
                let ids = test.siblings.map(\.id.text)
                #expect(test.queries[.answered] == 1)
                for _ in 0..<100 {
                    #expect(test.cluster.machines().region.map(\.text) == ids + ["self"])
                    #expect(test.cluster.machines().isListed(test.siblings[1].id) == true)
                }
                let stranger = try ClusterUnderTest.id(7)
                #expect(test.cluster.machines().isListed(stranger) == false)
                #expect(test.names.script.value.asked.isEmpty)
            }
        }

        @Test("who looks at an old list causes a query, and sees its answer later")
        func interest() async throws {
            var limits = ClusterUnderTest.patient
            (limits.names.fresh, limits.names.doubtful) = (.zero, .zero)
            try await ClusterUnderTest.run([.holding([])], limits: limits) { test in
                test.names.list(["a iad", "b ams"])
                #expect(test.cluster.machines().isListed(test.siblings[0].id) == true)
                await test.log.queries.wait { $0 >= 2 }
                let machines = test.cluster.machines()
                #expect(machines.region.map(\.text) == ["a", test.siblings[0].id.text, "self"])
                let distant = try #require(InstanceID("b"))
                #expect(machines.isListed(distant) == true)
                test.names.script.change { $0.machines = .silent }
                _ = test.cluster.machines()
            }
        }

        @Test("at any moment of the shutdown, and after it, the machines can be read")
        func shutdown() async throws {
            var limits = ClusterUnderTest.patient
            (limits.names.fresh, limits.names.doubtful) = (.zero, .zero)
            try await ClusterUnderTest.run([.holding([])], limits: limits) { test in
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<200 {
                        group.addTask { #expect(test.cluster.machines().region.count == 2) }
                        if number == 100 { group.addTask { await test.cluster.shutdown() } }
                    }
                }
                #expect(test.cluster.machines().region.count == 2)
            }
        }
    }
}
