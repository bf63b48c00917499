import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Finding a machine that takes new games")
    struct ReadyPeerFinderTests {
        static let ready = answer("200 OK", body: #"{"status":"ready"}"#)
        static let full = answer("503 Service Unavailable", body: #"{"status":"full"}"#)
        static let draining = answer("503 Service Unavailable", body: #"{"status":"draining"}"#)

        static func answer(_ status: String, body: String = "", header: String = "") -> String {
            "HTTP/1.1 \(status)\r\n\(header)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }

        struct Example: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let conduct: FakeSibling.Conduct
            let isReadyPeer: Bool

            init(_ description: String, _ conduct: FakeSibling.Conduct, _ isReadyPeer: Bool) {
                testDescription = description
                self.conduct = conduct
                self.isReadyPeer = isReadyPeer
            }
        }

        static let examples = [
            Example("a relay that is ready", .sends(ready), true),
            Example("a relay that drains", .sends(draining), false),
            Example("a relay that is full", .sends(full), false),
            Example("an older relay, which knows no such path", .sends(answer("404 Not Found")), true),
            Example(
                "the original, which sends people to its dashboard",
                .sends(answer("302 Found", header: "Location: https://example.com/\r\n")), true),
            Example("the original without a dashboard", .sends(answer("200 OK", body: "rooms: 0\n")), true),
            Example("an answer that never ends", .streams("HTTP/1.1 200 OK\r\n\r\n", then: "more"), true),
            Example("a machine that fails", .sends(answer("500 Internal Server Error")), false),
            Example("another machine's address by now", .sends(FakeSibling.room("d8d9999999999")), false),
            Example("garbage", .sends("\u{1}\u{2}SSH-2.0-OpenSSH\r\n\r\n"), false),
            Example("the end of the connection", .sendsAndCloses(""), false),
            Example("a reset", .resets, false),
        ]

        @Test("the result is the other machine's answer, and its connection is closed", arguments: examples)
        func one(example: Example) async throws {
            try await ClusterUnderTest.run([example.conduct]) { test in
                #expect(await test.cluster.hasReadyPeer() == example.isReadyPeer)
                await test.siblings[0].traffic.wait { $0.opened == 1 && $0.closed == 1 }
            }
        }

        @Test("one ready machine is enough, and nobody waits for the others")
        func oneOfMany() async throws {
            let conducts: [FakeSibling.Conduct] = [
                .silent, .sends(Self.draining), .resets, .silent, .sends(Self.ready),
            ]
            try await ClusterUnderTest.run(conducts) { test in
                test.move(3, to: .silent)
                #expect(await test.cluster.hasReadyPeer())
                for sibling in test.siblings { await sibling.traffic.wait { $0.opened == $0.closed } }
            }
        }

        @Test("a machine that is gone, or has no address, is a no at once")
        func gone() async throws {
            try await ClusterUnderTest.run([.sends(Self.ready), .sends(Self.ready)]) { test in
                test.move(0, to: .answers([try await ClusterUnderTest.deserted()]))
                test.move(1, to: .fails)
                #expect(await !test.cluster.hasReadyPeer())
            }
        }

        @Test("a frozen machine, or a silent DNS, costs one machine's time limit")
        func frozen() async throws {
            var limits = ClusterUnderTest.patient
            limits.readinessProbe = .seconds(3)
            try await ClusterUnderTest.run([.silent, .silent], limits: limits) { test in
                test.move(1, to: .silent)
                #expect(await !test.cluster.hasReadyPeer())
                await test.siblings[0].traffic.wait { $0.opened == 1 && $0.closed == 1 }
            }
        }

        @Test("a lookup takes no longer than its time limit")
        func inTime() async throws {
            var limits = ClusterUnderTest.patient
            limits.readyPeerLookup = .milliseconds(100)
            try await ClusterUnderTest.run([.silent], limits: limits) { test in
                #expect(await !test.cluster.hasReadyPeer())
                await test.siblings[0].traffic.wait { $0.opened == $0.closed }
            }
            try await ClusterUnderTest.run([.sends(Self.ready)], limits: limits, machines: .silent) { test in
                #expect(await !test.cluster.hasReadyPeer())
                #expect(test.requestCount == 0)
            }
        }

        @Test("a frozen machine gives way to the next one")
        func givesWay() async throws {
            var limits = ClusterUnderTest.patient
            limits.readinessProbesAtOnce = 1
            // Long enough for whoever answers to do so on any machine.
            limits.readinessProbe = .seconds(3)
            try await ClusterUnderTest.run([.silent, .silent, .sends(Self.ready)], limits: limits) { test in
                test.move(1, to: .silent)
                #expect(await test.cluster.hasReadyPeer())
                #expect(test.siblings.map(\.traffic.value.requests.count) == [1, 0, 1])
            }
        }

        @Test("machines of other regions count too, but those of our own region are asked first")
        func distant() async throws {
            var limits = ClusterUnderTest.patient
            limits.readinessProbesAtOnce = 1
            let list = ["\(try ClusterUnderTest.id(0)) nrt", "self iad", "\(try ClusterUnderTest.id(1)) iad"]
            try await ClusterUnderTest.run(
                [.sends(Self.ready), .sends(Self.ready)], limits: limits, machines: ScriptedNames.listing(list)
            ) { test in
                let (far, near) = (test.siblings[0], test.siblings[1])
                #expect(await test.cluster.hasReadyPeer())
                #expect(far.traffic.value.requests.isEmpty && near.traffic.value.requests.count == 1)
                near.behave(.sends(Self.draining))
                #expect(await test.cluster.hasReadyPeer())
                #expect(far.traffic.value.requests.count == 1 && near.traffic.value.requests.count == 2)
            }
        }

        @Test(
            "without other machines in the DNS, or without the DNS, no machine is ready",
            arguments: [
                .answers([Array("self iad".utf8)]), .answers([]), .answers([[]]), .answers([[0xFF, 0x2C]]), .fails,
            ] as [ScriptedNames.Conduct<[[UInt8]]>])
        func unlisted(conduct: ScriptedNames.Conduct<[[UInt8]]>) async throws {
            try await ClusterUnderTest.run([.sends(Self.ready)], machines: conduct) { test in
                #expect(await !test.cluster.hasReadyPeer())
                #expect(test.requestCount == 0)
            }
        }

        @Test("a machine is asked one question, pinned to it")
        func request() async throws {
            try await ClusterUnderTest.run([.sends(Self.ready)]) { test in
                _ = await test.cluster.hasReadyPeer()
                let sibling = test.siblings[0]
                let port = try #require(sibling.address.port)
                let head = "GET /ready?instance=\(sibling.id) HTTP/1.1\r\n"
                let fields = "Host: 127.0.0.1:\(port)\r\nConnection: close\r\n"
                #expect(sibling.traffic.value.requests == [head + fields + "\r\n"])
            }
        }

        @Test("callers during a lookup share it, and later callers start another")
        func shared() async throws {
            try await SharedLookupTests.run { stage in
                try await stage.askForReadyPeer(0..<50)
                await stage.sibling.traffic.wait { $0.requests.count == 1 }
                try await stage.askForReadyPeer(50..<100)
                #expect(stage.readyPeers.value.isEmpty)
                stage.sibling.wakeUp(Self.ready)
                await stage.readyPeers.wait { $0.count == 100 }
                #expect(stage.readyPeers.value.values.allSatisfy { $0 })
                #expect(stage.sibling.traffic.value.opened == 1)
                stage.sibling.behave(.sends(Self.draining))
                try await stage.askForReadyPeer(100..<101)
                await stage.readyPeers.wait { $0[100] == false }
                #expect(stage.sibling.traffic.value.opened == 2)
            }
        }

        @Test("a caller that gives up gets a no at once; with the last caller the lookup ends")
        func shares() async throws {
            try await SharedLookupTests.run { stage in
                try await stage.askForReadyPeer(0..<3)
                await stage.sibling.traffic.wait { $0.requests.count == 1 }
                try await stage.abandonReadyPeer(0..<2)
                try await stage.abandonReadyPeer(0..<2)
                try await stage.abandonReadyPeer(7..<9)
                #expect(stage.readyPeers.value == [0: false, 1: false])
                stage.sibling.wakeUp(Self.ready)
                await stage.readyPeers.wait { $0[2] == true }
                try await stage.askForReadyPeer(3..<5)
                await stage.sibling.traffic.wait { $0.requests.count == 2 }
                try await stage.abandonReadyPeer(3..<5)
                await stage.sibling.traffic.wait { $0.closed == 2 }
                #expect(stage.readyPeers.value[4] == false)
            }
        }

        @Test("with its last caller a lookup ends, and its connections close; the next caller starts anew")
        func cancelled() async throws {
            try await ClusterUnderTest.run([.silent, .silent]) { test in
                let callers = (0..<3).map { _ in Task { await test.cluster.hasReadyPeer() } }
                for sibling in test.siblings { await sibling.traffic.wait { $0.requests.count == 1 } }
                for caller in callers { caller.cancel() }
                for caller in callers { #expect(await !caller.value) }
                for sibling in test.siblings { await sibling.traffic.wait { $0.opened == $0.closed } }
                test.siblings[1].behave(.sends(Self.ready))
                #expect(await test.cluster.hasReadyPeer())
            }
        }

        @Test("the end of the cluster is a no, during a lookup and after it")
        func shutdown() async throws {
            try await ClusterUnderTest.run([.silent]) { test in
                let caller = Task { await test.cluster.hasReadyPeer() }
                await test.siblings[0].traffic.wait { $0.requests.count == 1 }
                await test.cluster.shutdown()
                #expect(await !caller.value)
                await test.siblings[0].traffic.wait { $0.closed == 1 }
                #expect(await !test.cluster.hasReadyPeer())
            }
            try await ClusterUnderTest.run([.sends(Self.ready)], machines: .silent) { test in
                let caller = Task { await test.cluster.hasReadyPeer() }
                await test.names.script.wait { $0.asked.count == 1 }
                await test.cluster.shutdown()
                #expect(await !caller.value)
            }
        }

        @Test("readiness answers, or their absence, do not affect lookups of rooms")
        func separate() async throws {
            var limits = ClusterUnderTest.patient
            limits.readinessProbe = .milliseconds(100)
            try await ClusterUnderTest.run([.silent, .sends(Self.draining)], limits: limits) { test in
                #expect(await !test.cluster.hasReadyPeer())
                let statistics = test.cluster.statistics()
                #expect(statistics.probes == Tally() && statistics.lookups == Tally() && statistics.suspects == 0)
                #expect(test.log.warnings.value.isEmpty)
                let code = ClusterUnderTest.code(1)
                for sibling in test.siblings { sibling.behave(.holding([code])) }
                #expect(await test.cluster.holder(of: code) != nil)
            }
        }
    }
}
