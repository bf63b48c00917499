import RelayCore
import RelayEngine
import Testing

@Suite("The port of the metrics", .blocking)
struct OperatorPortTests {
    /// Runs a relay whose metrics have a port of their own.
    private func withOperators(
        loops: Int = 1, siblings: ScriptedSiblings? = nil, configure: (inout EngineConfiguration) -> Void = { _ in },
        _ body: (RunningRelay, Operators) async throws -> Void
    ) async throws {
        try await withRelay(loops: loops, siblings: siblings) {
            $0.metricsPort = 0
            configure(&$0)
        } _: { relay in
            try await body(relay, Operators(port: try #require(relay.engine.metricsPort)))
        }
    }

    /// The operators' side of a relay.
    private struct Operators {
        let port: Int

        func dial() throws -> TestClient { try TestClient(port: port) }

        func ask(_ target: String, method: String = "GET", headers: [String] = []) throws -> HTTPReply {
            let client = try dial()
            client.sendRequest(target, method: method, headers: headers)
            return try client.reply(isHead: method == "HEAD")
        }
    }

    @Test("metrics are answered there and no more on the clients' port; health on both", arguments: [1, 4])
    func metrics(loops: Int) async throws {
        try await withOperators(loops: loops) { relay, operators in
            let room = try relay.room(members: 3)
            #expect(operators.port != relay.port)
            let reply = try operators.ask("/metrics")
            #expect(reply.status == 200)
            #expect(reply["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(reply.body.contains(/party_sockets_clients\{[^\n]*\} 3\n/))
            #expect(reply.body.contains(/party_sockets_websockets\{[^\n]*\} 3\n/))
            #expect(try operators.ask("/metrics", method: "HEAD").status == 200)
            #expect(try operators.ask("/health").body == #"{"status":"ok"}"#)

            let hidden = try relay.get("/metrics")
            #expect(hidden.status == 404)
            #expect(hidden.allowsEveryOrigin)
            #expect(!hidden.body.contains("party_sockets"))
            #expect(try relay.get("/health").body == #"{"status":"ok"}"#)
            try room.host.expectNothing()
        }
    }

    @Test("without a port of their own metrics are on the clients' port")
    func noPort() async throws {
        try await withRelay { relay in
            #expect(relay.engine.metricsPort == nil)
            let reply = try relay.get("/metrics")
            #expect(reply.status == 200)
        }
    }

    @Test("nothing else is answered there, and nothing is sent elsewhere", arguments: [1, 3])
    func nothingElse(loops: Int) async throws {
        let siblings = ScriptedSiblings()
        try await withOperators(loops: loops, siblings: siblings) {
            $0.identity = RoutingIdentity(isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
        } _: { relay, operators in
            let room = try relay.room(members: 1)
            let foreign = RoomCode(home: Region(name: "ams"), random: 1)
            for target in [
                "/", "/\(room.code)", "/room/\(room.code)", "/room/111111", "/\(foreign)", "/room/\(foreign)",
                "/metrics/", "/Metrics", "/index.html?instance=m-2",
            ] {
                let reply = try operators.ask(target)
                #expect(reply.status == 404, "\(target)")
                #expect(reply["fly-replay"] == nil)
                #expect(reply["Location"] == nil)
            }
            #expect(try operators.ask("/metrics?instance=m-2").status == 200)
            #expect(try operators.ask("/health?instance=m-2").status == 200)
            let asked = await siblings.asked
            #expect(asked.isEmpty)
            #expect(try operators.ask("/", method: "OPTIONS").status == 204)
            #expect(try operators.ask("/metrics", method: "POST").status == 405)
            #expect(try operators.ask("/%zz").status == 400)
        }
    }

    @Test("nobody gets a WebSocket there", arguments: ["/", "/111111", "/metrics", "/health"])
    func noUpgrade(target: String) async throws {
        try await withOperators(loops: 2) { relay, operators in
            let client = try operators.dial()
            client.sendRequest(target, headers: TestClient.upgradeFields)
            #expect(try client.reply().status == (target.count > 6 && target != "/111111" ? 200 : 404))
            // The connection has stayed what it was.
            client.sendRequest("/health")
            #expect(try client.reply().status == 200)
            #expect(relay.engine.statistics().webSockets == 0)
        }
    }

    @Test("a request that does not come to its end, or is too long, is bounded as on the clients' port")
    func bounds() async throws {
        try await withOperators {
            $0.transport.handshakeTimeout = 1
        } _: { relay, operators in
            let slow = try operators.dial()
            slow.write("GET /metrics HTTP/1.1\r\nHost:")
            try slow.expectEnd()
            #expect(relay.strikes(.handshakeTimeout) == 1)
        }
        try await withOperators { _, operators in
            let long = try operators.ask("/metrics", headers: ["X: " + String(repeating: "x", count: 20_000)])
            #expect(long.status == 431)
        }
    }

    @Test("one that asks too often waits, and is answered")
    func rate() async throws {
        try await withOperators {
            $0.transport.messagesPerSecond = 1
        } _: { relay, operators in
            let client = try operators.dial()
            // At once and above the burst of two: what comes bit by bit may stay below the rate.
            client.write(String(repeating: TestClient.request("/health"), count: 4))
            for _ in 0..<4 { #expect(try client.reply().status == 200) }
            #expect(relay.strikes(.messagesPerSecond) > 0)
        }
    }

    @Test("of more operators than there may be those that rest make room, and no client does", arguments: [1, 3])
    func manyOperators(loops: Int) async throws {
        try await withOperators(loops: loops) { relay, operators in
            let client = try relay.dial()
            client.sendRequest("/health")
            #expect(try client.reply().status == 200)
            var resting: [TestClient] = []
            for _ in 0..<50 {
                let scraper = try operators.dial()
                scraper.sendRequest("/metrics")
                #expect(try scraper.reply().status == 200)
                resting.append(scraper)
            }
            #expect(relay.engine.statistics().openConnections <= 20 + loops)
            client.sendRequest("/health")
            #expect(try client.reply().status == 200)
        }
    }

    @Test("while clients hold all sockets that they may, operators come in; the next client does when one goes")
    func fullOfClients() async throws {
        try await withOperators {
            $0.transport.maxSockets = 8
        } _: { relay, operators in
            let room = try relay.room(members: 8)
            let late = try relay.dial()
            late.sendRequest("/health")
            for _ in 0..<20 { #expect(try operators.ask("/metrics").status == 200) }
            #expect(relay.strikes(.openFiles) > 0)
            #expect(!late.socket.hasNews(within: 200))
            room.members[7].socket.close()
            #expect(try late.reply().status == 200)
            try room.host.expect(#"{"type":"peer_left","index":7}"#)
        }
    }

    @Test("while the relay drains operators are answered, and with its end both ports are closed")
    func drain() async throws {
        let ports = [LoopbackNetwork.freePort(), LoopbackNetwork.freePort()]
        try await withOperators(loops: 2) {
            $0.port = ports[0]
            $0.metricsPort = ports[1]
        } _: { relay, operators in
            let room = try relay.room(members: 1)
            relay.engine.beginDrain()
            #expect(try operators.ask("/metrics").status == 200)
            #expect(try operators.ask("/health").status == 200)
            try room.host.expectNothing()
        }
        for port in ports { _ = #expect(throws: TestSocketError.self) { try TestClient(port: port) } }
    }
}
