import NIOCore
import RelayCore
import Testing

@testable import RelayCluster

extension ClusterTests {
    @Suite("Siblings that misbehave")
    struct SiblingFaultTests {
        /// A conduct that is no relay's.
        struct Fault: Sendable, CustomTestStringConvertible {
            let testDescription: String
            let conduct: FakeSibling.Conduct
            let reason: ProbeFailure?

            init(_ description: String, _ conduct: FakeSibling.Conduct, _ reason: ProbeFailure? = nil) {
                testDescription = description
                self.conduct = conduct
                self.reason = reason
            }
        }

        static let endless = String(repeating: "a", count: 4_096)

        /// Faults that show by themselves.
        static let loud = [
            Fault("500", .sends("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"), .status(500)),
            Fault("503", .sends("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"), .status(503)),
            Fault(
                "a redirect",
                .sends("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"),
                .status(302)),
            Fault("a replay", .sends("HTTP/1.1 409 Conflict\r\nfly-replay: region=ams\r\n\r\n"), .status(409)),
            Fault("200 for everything", .sends("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), .noRoom),
            Fault("200 and nothing", .sends("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), .noRoom),
            Fault(
                "200 and the beginning of a room", .sends("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"clients"),
                .noRoom
            ),
            Fault("a room of another machine", .sends(FakeSibling.room("d8d9999999999")), .otherMachine),
            Fault(
                "a no of another machine", .sends("HTTP/1.1 404 Not Found\r\nX-Instance-Id: other\r\n\r\n"),
                .otherMachine),
            Fault("half a head and the end", .sendsAndCloses("HTTP/1.1 200 OK\r\nContent-Le")),
            Fault("the end", .sendsAndCloses(""), .closed),
            Fault("a reset", .resets),
            Fault("garbage", .sends("\u{1}\u{2}SSH-2.0-OpenSSH\r\n\r\n")),
            Fault("a body without end", .streams("HTTP/1.1 200 OK\r\n\r\n", then: endless), .noRoom),
            Fault("a head without end", .streams("HTTP/1.1 200 OK\r\nX-A: ", then: endless)),
            Fault("fields without end", .streams("HTTP/1.1 200 OK\r\n", then: "X-A: a\r\n")),
            Fault(
                "interim answers without end",
                .streams("HTTP/1.1 100 Continue\r\n\r\n", then: "HTTP/1.1 103 Early Hints\r\n\r\n"), .tooLong),
        ]

        /// Faults that only time can tell.
        static let silent = [
            Fault("nothing", .silent),
            Fault("half a head", .sends("HTTP/1.1 200 OK\r\nContent-Le")),
            Fault("a head without its body", .sends("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"cli")),
        ]

        @Test(
            "rooms on another sibling are found, whether they should be there or not", arguments: loud + silent)
        func found(fault: Fault) async throws {
            let codes = (1...8).map { ClusterUnderTest.code($0) }
            try await ClusterUnderTest.run([fault.conduct, .holding(codes)]) { test in
                for code in codes { #expect(await test.cluster.holder(of: code) == test.siblings[1].id) }
                #expect(test.lookups[.found] == 8)
            }
        }

        @Test(
            "a faulty sibling never counts as the holder of a room, and its failure is counted and logged",
            arguments: loud)
        func notBelieved(fault: Fault) async throws {
            try await ClusterUnderTest.run([fault.conduct, .holding([])]) { test in
                #expect(await test.locate(1) == nil)
                #expect(test.lookups[.failed] == 1)
                // A second question, if there may be another machine at another address.
                #expect((1...2).contains(test.probes[.failed]) && test.probes[.notFound] == 1)
                let warning = try #require(test.log.warnings.value.first)
                #expect(warning.contains("sibling=\(test.siblings[0].id)"))
                #expect(warning.contains("reason=\(fault.reason?.description ?? "")"))
                await test.siblings[0].traffic.wait { $0.opened == $0.closed }
            }
        }

        @Test(
            "a silent sibling delays a lookup until its time limit, and its connection is closed some time later",
            arguments: silent)
        func timesOut(fault: Fault) async throws {
            var limits = ClusterUnderTest.patient
            limits.lookup = .seconds(2)
            limits.connections.stalled = .seconds(3)
            try await ClusterUnderTest.run([fault.conduct], limits: limits) { test in
                #expect(await test.locate(1) == nil)
                #expect(test.lookups[.timedOut] == 1 && test.probes[.timedOut] == 1)
                #expect(test.log.warnings.value.contains { $0.contains("sibling=\(test.siblings[0].id)") })
                await test.siblings[0].traffic.wait { $0.opened == 1 && $0.closed == 1 }
            }
        }

        @Test("a sibling that is gone fails at once")
        func gone() async throws {
            let code = ClusterUnderTest.code(1)
            try await ClusterUnderTest.run([.silent, .holding([code])]) { test in
                test.move(0, to: .answers([try await ClusterUnderTest.deserted()]))
                #expect(await test.locate(2) == nil)
                #expect(test.lookups[.failed] == 1 && test.probes[.failed] == 2)
                #expect(await test.cluster.holder(of: code) == test.siblings[1].id)
            }
        }

        @Test("a room counts as found with or without the machine's name, and before its description is complete")
        func believed() async throws {
            let answers = [
                FakeSibling.room(nil, mark: ""), "HTTP/1.1 200 OK\r\n\r\n{\"clients\":",
                "HTTP/1.0 200 OK\r\nX-Instance-Id: \(try ClusterUnderTest.id(0))\r\n\r\n{\"clients\":1",
            ]
            for answer in answers {
                try await ClusterUnderTest.run([.sends(answer)]) { test in
                    #expect(await test.locate(1) == test.siblings[0].id)
                    await test.siblings[0].traffic.wait { $0.closed == 1 }
                }
            }
        }

        @Test("an endless description of a room counts as found, and its connection is closed")
        func endlessRoom() async throws {
            let start = "HTTP/1.1 200 OK\r\n\r\n{\"clients\":"
            try await ClusterUnderTest.run([.streams(start, then: Self.endless)]) { test in
                #expect(await test.locate(1) == test.siblings[0].id)
                await test.siblings[0].traffic.wait { $0.closed == 1 }
            }
        }

        @Test("a probe is one request for one room, pinned to its machine")
        func request() async throws {
            try await ClusterUnderTest.run([.holding([])]) { test in
                _ = await test.locate(1)
                let sibling = test.siblings[0]
                let port = try #require(sibling.address.port)
                let head = "GET /room/111112?instance=\(sibling.id) HTTP/1.1\r\n"
                let fields = "Host: 127.0.0.1:\(port)\r\n"
                #expect(sibling.traffic.value.requests == [head + fields + "\r\n"])
            }
        }
    }
}
