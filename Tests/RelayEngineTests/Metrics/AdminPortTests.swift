import RelayCore
import RelayEngine
import Testing

@Suite("The admin port", .blocking)
struct AdminPortTests {
    /// Runs a relay that has an admin port.
    private func withAdminPort(
        loops: Int = 1, siblings: ScriptedSiblings? = nil, configure: (inout EngineConfiguration) -> Void = { _ in },
        _ body: (RunningRelay, AdminPort) async throws -> Void
    ) async throws {
        try await withRelay(loops: loops, siblings: siblings) {
            $0.metricsPort = 0
            configure(&$0)
        } _: { relay in
            try await body(relay, AdminPort(port: try #require(relay.engine.metricsPort)))
        }
    }

    /// The admin port of a running relay.
    private struct AdminPort {
        let port: Int

        func dial() throws -> TestClient { try TestClient(port: port) }

        func ask(_ target: String, method: String = "GET", headers: [String] = []) throws -> HTTPReply {
            let client = try dial()
            client.sendRequest(target, method: method, headers: headers)
            return try client.reply(isHead: method == "HEAD")
        }
    }

    @Test("metrics are served at the admin port and no longer at the clients' port; health at both", arguments: [1, 4])
    func metrics(loops: Int) async throws {
        try await withAdminPort(loops: loops) { relay, admin in
            let room = try relay.room(members: 3)
            #expect(admin.port != relay.port)
            let reply = try admin.ask("/metrics")
            #expect(reply.status == 200)
            #expect(reply["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(reply.body.contains(/party_sockets_clients\{[^\n]*\} 3\n/))
            #expect(reply.body.contains(/party_sockets_websockets\{[^\n]*\} 3\n/))
            #expect(try admin.ask("/metrics", method: "HEAD").status == 200)
            #expect(try admin.ask("/health").body == #"{"status":"ok"}"#)

            let hidden = try relay.get("/metrics")
            #expect(hidden.status == 404)
            #expect(hidden.allowsEveryOrigin)
            #expect(!hidden.body.contains("party_sockets"))
            #expect(try relay.get("/health").body == #"{"status":"ok"}"#)
            try room.host.expectNothing()
        }
    }

    @Test("without an admin port, metrics are served at the clients' port")
    func noPort() async throws {
        try await withRelay { relay in
            #expect(relay.engine.metricsPort == nil)
            let reply = try relay.get("/metrics")
            #expect(reply.status == 200)
        }
    }

    @Test("the admin port serves nothing else, and replays nothing", arguments: [1, 3])
    func nothingElse(loops: Int) async throws {
        let siblings = ScriptedSiblings()
        try await withAdminPort(loops: loops, siblings: siblings) {
            $0.identity = RoutingIdentity(isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
        } _: { relay, admin in
            let room = try relay.room(members: 1)
            let foreign = RoomCode(home: Region(name: "ams"), random: 1)
            for target in [
                "/", "/\(room.code)", "/room/\(room.code)", "/room/111111", "/\(foreign)", "/room/\(foreign)",
                "/metrics/x", "/Metrics", "/index.html?instance=m-2",
            ] {
                let reply = try admin.ask(target)
                #expect(reply.status == 404, "\(target)")
                #expect(reply["fly-replay"] == nil)
                #expect(reply["Location"] == nil)
            }
            #expect(try admin.ask("/metrics?instance=m-2").status == 200)
            #expect(try admin.ask("/health?instance=m-2").status == 200)
            let asked = await siblings.asked
            #expect(asked.isEmpty)
            #expect(try admin.ask("/", method: "OPTIONS").status == 204)
            #expect(try admin.ask("/metrics", method: "POST").status == 405)
            #expect(try admin.ask("/%zz").status == 400)
        }
    }

    @Test("the admin port upgrades no request", arguments: ["/", "/111111", "/metrics", "/health"])
    func noUpgrade(target: String) async throws {
        try await withAdminPort(loops: 2) { relay, admin in
            let client = try admin.dial()
            client.sendRequest(target, headers: TestClient.upgradeFields)
            #expect(try client.reply().status == (target.count > 6 && target != "/111111" ? 200 : 404))
            // The connection still speaks HTTP.
            client.sendRequest("/health")
            #expect(try client.reply().status == 200)
            #expect(relay.engine.statistics().webSockets == 0)
        }
    }

    @Test("a request that stays incomplete, or is too long, is refused as on the clients' port")
    func bounds() async throws {
        try await withAdminPort {
            $0.transport.handshakeTimeout = 1
        } _: { relay, admin in
            let slow = try admin.dial()
            slow.write("GET /metrics HTTP/1.1\r\nHost:")
            try slow.expectEnd()
            #expect(relay.timesExceeded(.handshakeTimeout) == 1)
        }
        try await withAdminPort { _, admin in
            let long = try admin.ask("/metrics", headers: ["X: " + String(repeating: "x", count: 20_000)])
            #expect(long.status == 431)
        }
    }

    @Test("requests above the rate are answered later")
    func rate() async throws {
        try await withAdminPort {
            $0.transport.messagesPerSecond = 1
        } _: { relay, admin in
            let client = try admin.dial()
            // All at once and above the burst of two: requests that arrive one by one may stay below the rate.
            client.write(String(repeating: TestClient.request("/health"), count: 4))
            for _ in 0..<4 { #expect(try client.reply().status == 200) }
            #expect(relay.timesExceeded(.messagesPerSecond) > 0)
        }
    }

    @Test("above the admin port's limit its resting connections are closed, and no client's", arguments: [1, 3])
    func manyScrapers(loops: Int) async throws {
        try await withAdminPort(loops: loops) { relay, admin in
            let client = try relay.dial()
            client.sendRequest("/health")
            #expect(try client.reply().status == 200)
            var resting: [TestClient] = []
            for _ in 0..<50 {
                let scraper = try admin.dial()
                scraper.sendRequest("/metrics")
                #expect(try scraper.reply().status == 200)
                resting.append(scraper)
            }
            #expect(relay.engine.statistics().openConnections <= 20 + loops)
            client.sendRequest("/health")
            #expect(try client.reply().status == 200)
        }
    }

    @Test("while clients hold all their sockets, the admin port answers; the next client gets in when one leaves")
    func fullOfClients() async throws {
        try await withAdminPort {
            $0.transport.maxSockets = 8
        } _: { relay, admin in
            let room = try relay.room(members: 8)
            let late = try relay.dial()
            late.sendRequest("/health")
            for _ in 0..<20 { #expect(try admin.ask("/metrics").status == 200) }
            #expect(relay.timesExceeded(.openFiles) > 0)
            #expect(!late.socket.hasNews(within: 200))
            room.members[7].socket.close()
            #expect(try late.reply().status == 200)
            try room.host.expect(#"{"type":"peer_left","index":7}"#)
        }
    }

    @Test("the admin port answers during a drain, and both ports are closed when the relay has stopped")
    func drain() async throws {
        let ports = [LoopbackNetwork.freePort(), LoopbackNetwork.freePort()]
        try await withAdminPort(loops: 2) {
            $0.port = ports[0]
            $0.metricsPort = ports[1]
        } _: { relay, admin in
            let room = try relay.room(members: 1)
            relay.engine.beginDrain()
            #expect(try admin.ask("/metrics").status == 200)
            #expect(try admin.ask("/health").status == 200)
            try room.host.expectNothing()
        }
        for port in ports { _ = #expect(throws: TestSocketError.self) { try TestClient(port: port) } }
    }
}
