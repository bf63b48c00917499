import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Siblings at the addresses of one name")
    struct NamedMachinesTests {
        static let name = "relay.internal"

        static func configuration(region: Region? = nil) -> ClusterConfiguration {
            ClusterConfiguration(
                siblings: .dns(name: name, region: region), instance: InstanceID("self"), port: 1, nameServers: nil)
        }

        /// A directory, and siblings with these ids, all of them at the name.
        static func run(
            _ conducts: [(id: String, conduct: FakeSibling.Conduct)], region: Region? = nil,
            _ body: (DirectoryUnderTest, [FakeSibling]) async throws -> Void
        ) async throws {
            var siblings: [FakeSibling] = []
            for (id, conduct) in conducts {
                siblings.append(try await FakeSibling(try #require(InstanceID(id)), conduct))
            }
            try await DirectoryUnderTest.run(configuration(region: region)) { test async throws in
                list(siblings.map(\.address), in: test.names)
                try await body(test, siblings)
            }
            for sibling in siblings { try await sibling.close() }
        }

        static func list(_ addresses: [SocketAddress], in names: ScriptedNames) {
            names.script.change { $0.addresses[name] = .answers(addresses) }
        }

        static func isListed(_ id: String, _ test: DirectoryUnderTest) async throws -> Bool? {
            let id = try #require(InstanceID(id))
            return try await test.onLoop { $0.board.read(now: .now()).view.isListed(id) }
        }

        @Test(
            "siblings tell their ids once, by a request for a room that no code can name, and this machine is dropped")
        func learns() async throws {
            try await Self.run([("a", .holding([])), ("self", .holding([])), ("b", .holding([]))]) {
                test, siblings async throws in
                for _ in 0..<3 { #expect(try await test.siblings(.beforeFinalNo) == ["a", "b"]) }
                for (sibling, id) in zip(siblings, ["a", "self", "b"]) where id != "self" {
                    #expect(try await test.addresses(of: id) == ["127.0.0.1 \(sibling.address.port ?? 0)"])
                }
                #expect(try await test.addresses(of: "self") == nil)
                for sibling in siblings {
                    let host = "127.0.0.1:\(sibling.address.port ?? 0)"
                    #expect(
                        sibling.traffic.value.requests
                            == ["GET /room/x HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"])
                    await sibling.traffic.wait { $0.closed == 1 }
                }
                #expect(Set(test.names.script.value.asked) == [Self.name])
                #expect(test.log.warnings.value.isEmpty)
                #expect(try await test.onLoop { $0.knowsAllSiblings })
            }
        }

        @Test("a machine with several addresses is one sibling")
        func severalAddresses() async throws {
            try await Self.run([("a", .holding([])), ("b", .holding([])), ("a", .holding([]))]) {
                test, siblings async throws in
                #expect(try await test.siblings() == ["a", "b"])
                #expect(
                    try await test.addresses(of: "a")
                        == [siblings[0], siblings[2]].map { "127.0.0.1 \($0.address.port ?? 0)" })
            }
        }

        @Test("the name lists all machines there are, unless there are other regions", arguments: [true, false])
        func isWhole(isOneRegion: Bool) async throws {
            let region = isOneRegion ? nil : Region(name: "iad")
            try await Self.run([("a", .holding([]))], region: region) { test, _ async throws in
                _ = try await test.siblings()
                #expect(try await Self.isListed("a", test) == true)
                #expect(try await Self.isListed("b", test) == (isOneRegion ? false : nil))
            }
        }

        @Test("an address at which nobody listens is nobody's, and is asked again soon")
        func gone() async throws {
            try await Self.run([("a", .holding([]))]) { test, siblings async throws in
                let deserted = try await ClusterUnderTest.deserted()
                Self.list([deserted, siblings[0].address], in: test.names)
                #expect(try await test.siblings() == ["a"])
                #expect(try await test.onLoop { $0.knowsAllSiblings })
                #expect(test.log.warnings.value.isEmpty)
            }
        }

        @Test("whoever is silent at an address may be a sibling, so that nobody can tell who exists")
        func silent() async throws {
            try await Self.run([("a", .holding([])), ("b", .silent)]) { test, siblings async throws in
                #expect(try await test.siblings() == ["a"])
                #expect(try await !test.onLoop { $0.knowsAllSiblings })
                #expect(try await Self.isListed("b", test) == nil)
                #expect(test.log.warnings.value.contains { $0.hasPrefix("a machine did not tell its id in time") })
                await siblings[1].traffic.wait { $0.opened == 1 && $0.closed == 1 }
            }
        }

        /// Servers that are no relays, or relays without an id.
        static let nameless = [
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\nX-Instance-Id: \r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\nX-Instance-Id: a b\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\nX-Instance-Id: a/../b\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 404 Not Found\r\nX-Instance-Id: b\r\nX-Instance-Id: c\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n",
        ]

        @Test("an address that tells no usable id is no sibling, which is logged", arguments: nameless)
        func isNameless(answer: String) async throws {
            try await Self.run([("a", .holding([])), ("b", .sends(answer))]) { test, _ async throws in
                #expect(try await test.siblings() == ["a"])
                #expect(try await test.onLoop { $0.knowsAllSiblings })
                #expect(test.log.warnings.value.contains { $0.hasPrefix("a machine tells no INSTANCE_ID") })
            }
        }

        @Test("an answer without end is cut off")
        func endless() async throws {
            let filler = String(repeating: "a", count: 4_096)
            let conduct = FakeSibling.Conduct.streams("HTTP/1.1 404 Not Found\r\nX-A: ", then: filler)
            try await Self.run([("a", .holding([])), ("b", conduct)]) { test, siblings async throws in
                #expect(try await test.siblings() == ["a"])
                await siblings[1].traffic.wait { $0.opened == 1 && $0.closed == 1 }
            }
        }

        @Test("another machine at an address is noticed when it answers")
        func moves() async throws {
            try await Self.run([("a", .holding([])), ("b", .holding([]))]) { test, siblings async throws in
                #expect(try await test.siblings() == ["a", "b"])
                siblings[0].behave(.sends(FakeSibling.noRoom(try #require(InstanceID("c")))))
                #expect(try await test.siblings(.beforeFinalNo) == ["a", "b"])
                let machine = try #require(InstanceID("a"))
                try await test.onLoop { $0.distrust(machine) }
                // The old one is not named any more, and worth a question for a while.
                #expect(try await test.siblings(.beforeFinalNo) == ["c", "b", "a"])
                #expect(try await !test.onLoop { $0.isListed(machine) })
                #expect(try await test.addresses(of: "c") == ["127.0.0.1 \(siblings[0].address.port ?? 0)"])
            }
        }

        @Test("a name without addresses, or that fails, leaves the last list", arguments: [true, false])
        func failing(isEmpty: Bool) async throws {
            try await Self.run([("a", .holding([]))]) { test, _ async throws in
                #expect(try await test.siblings() == ["a"])
                test.names.script.change { $0.addresses[Self.name] = isEmpty ? .answers([]) : .fails }
                for _ in 0..<3 { #expect(try await test.siblings(.beforeFinalNo) == ["a"]) }
                #expect(test.log.warnings.value.contains { $0.contains("name=\(Self.name)") })
            }
        }

        @Test("hundreds of siblings are asked a bounded number at a time, and all are found")
        func many() async throws {
            let conducts = (0..<200).map { (id: "m\($0)", conduct: FakeSibling.Conduct.holding([])) }
            try await Self.run(conducts) { test, siblings async throws in
                #expect(try await test.siblings() == siblings.map(\.id.text))
            }
        }

        @Test("a room is found on a sibling that only the name lists")
        func locates() async throws {
            let code = ClusterUnderTest.code(1)
            let siblings = [
                try await FakeSibling(ClusterUnderTest.id(0), .holding([])),
                try await FakeSibling(ClusterUnderTest.id(1), .holding([code])),
            ]
            let (names, log) = (ScriptedNames(), LogRecord())
            Self.list(siblings.map(\.address), in: names)
            let cluster = try Cluster(Self.configuration(), limits: ClusterUnderTest.patient, logger: log.logger) { _ in
                (names, {})
            }
            #expect(await cluster.locate(code) == .sibling(siblings[1].id))
            #expect(await cluster.locate(ClusterUnderTest.code(2)) == .nowhere)
            #expect(cluster.machines().region.map(\.text) == siblings.map(\.id.text) + ["self"])
            #expect(cluster.statistics().siblings == 2)
            await cluster.shutdown()
            for sibling in siblings { try await sibling.close() }
        }

        @Test("where somebody is silent at an address, no room is known to be nowhere")
        func unknown() async throws {
            let siblings = [
                try await FakeSibling(ClusterUnderTest.id(0), .holding([ClusterUnderTest.code(1)])),
                try await FakeSibling(ClusterUnderTest.id(1), .silent),
            ]
            let names = ScriptedNames()
            Self.list(siblings.map(\.address), in: names)
            let cluster = try Cluster(
                Self.configuration(), limits: ClusterUnderTest.patient, logger: LogRecord().logger
            ) { _ in (names, {}) }
            #expect(await cluster.locate(ClusterUnderTest.code(1)) == .sibling(siblings[0].id))
            #expect(await cluster.locate(ClusterUnderTest.code(2)) == .unknown)
            await cluster.shutdown()
            for sibling in siblings { try await sibling.close() }
        }

        @Test("the end of the cluster does not wait for silent machines")
        func shutdown() async throws {
            let sibling = try await FakeSibling(ClusterUnderTest.id(0), .silent)
            let names = ScriptedNames()
            Self.list([sibling.address], in: names)
            let cluster = try Cluster(
                Self.configuration(), limits: ClusterUnderTest.patient, logger: LogRecord().logger
            ) {
                _ in (names, {})
            }
            await sibling.traffic.wait { $0.requests.count == 1 }
            await cluster.shutdown()
            await sibling.traffic.wait { $0.closed == 1 }
            try await sibling.close()
        }
    }
}
