import RelayCore
import RelayEngine
import RelayWire
import Testing

@Suite("Refused handshakes", .blocking)
struct RefusedHandshakeTests {
    private static let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    private static let version = "Sec-WebSocket-Version: 13"

    /// A handshake as it arrives, and how it is refused.
    struct Example: Sendable, CustomTestStringConvertible {
        let fields: [String]
        let reason: HandshakeRefusal
        let status: Int
        var target = "/"
        var httpVersion = "1.1"

        init(
            _ fields: [String], _ reason: HandshakeRefusal, _ status: Int, target: String = "/",
            httpVersion: String = "1.1"
        ) {
            self.fields = fields
            self.reason = reason
            self.status = status
            self.target = target
            self.httpVersion = httpVersion
        }

        var request: String {
            "GET \(target) HTTP/\(httpVersion)\r\nHost: relay.test\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
        }

        var testDescription: String { "\(reason) \(status): \(fields.joined(separator: ", "))" }
    }

    private static func changed(_ name: String, to value: String) -> [String] {
        TestClient.upgradeFields.map { $0.hasPrefix("\(name):") ? "\(name): \(value)" : $0 }
    }

    static let examples = [
        // As the usual first configurations of proxies leave it.
        Example(["Connection: close", version, key], .bothMissing, 426, httpVersion: "1.0"),
        Example([version, key], .bothMissing, 426),
        Example(changed("Connection", to: "keep-alive"), .connectionMissing, 426),
        Example(changed("Upgrade", to: "h2c"), .upgradeMissing, 426),
        Example(TestClient.upgradeFields, .httpVersion, 400, httpVersion: "1.0"),
        Example([key], .bothMissing, 426, target: "/2Bz3kF"),
        Example([key], .bothMissing, 426, target: "/x/y?instance=a"),
        // As clients get it wrong.
        Example(changed("Sec-WebSocket-Version", to: "8"), .webSocketVersion, 426),
        Example(TestClient.upgradeFields.filter { $0 != version }, .webSocketVersion, 400),
        Example(changed("Sec-WebSocket-Key", to: "short"), .webSocketKey, 400),
        Example(TestClient.upgradeFields.filter { $0 != key }, .webSocketKey, 400),
        Example(TestClient.upgradeFields + ["Content-Length: 3"], .malformed, 400),
        Example(TestClient.upgradeFields, .malformed, 400, target: "/%zz"),
        Example(TestClient.upgradeFields + ["Origin: https://evil.test"], .origin, 403),
    ]

    @Test("each is answered, counted under its reason, and logged with it", arguments: examples)
    func refused(example: Example) async throws {
        let log = RecordedLog()
        try await withRelay(log: log) {
            $0.allowedOrigins = try? AllowedOrigins("https://a.test")
        } _: { relay in
            let client = try relay.dial()
            client.write(example.request)
            let reply = try client.reply()
            #expect(reply.status == example.status)
            #expect(reply["Upgrade"] == (example.status == 426 ? "websocket" : nil))
            #expect(reply.body.hasSuffix("\n"))
            let counts = relay.engine.statistics().handshakesRefused
            #expect(counts.filter { $0.value > 0 } == [example.reason: 1])
            #expect(
                try relay.get("/metrics").body.contains(
                    #"party_sockets_handshakes_refused_total{instance="",region="local","#))
            #expect(log.lines.map(\.message) == ["handshake refused"])
            #expect(log.lines.first?.metadata["reason"] == example.reason.rawValue)
            #expect(relay.engine.statistics().webSockets == 0)
        }
    }

    @Test("a log line comes once a minute for each reason, whichever of the loops refuses", arguments: [1, 4])
    func logged(loops: Int) async throws {
        let log = RecordedLog()
        try await withRelay(loops: loops, log: log) {
            $0.allowedOrigins = try? AllowedOrigins("https://a.test")
        } _: { relay in
            for _ in 0..<20 {
                _ = try relay.get("/", headers: [Self.key])
                _ = try relay.get("/", headers: TestClient.upgradeFields + ["Origin: https://\u{9B}\u{202E}evil.test"])
            }
            let counts = relay.engine.statistics().handshakesRefused
            #expect(counts[.bothMissing] == 20)
            #expect(counts[.origin] == 20)
            #expect(relay.timesExceeded(.allowedOrigins) == 20)
            #expect(Set(log.lines.map { $0.metadata["reason"] }) == ["upgrade_and_connection_missing", "origin"])
            #expect(log.lines.count == 2)
            #expect(log.lines.compactMap { $0.metadata["origin"] } == ["https://\u{FFFD}\u{FFFD}evil.test"])
        }
    }

    @Test("one beyond the limit of connections is counted as such, and as a limit")
    func full() async throws {
        let log = RecordedLog()
        try await withRelay(log: log) {
            $0.maxConnections = 1
        } _: { relay in
            let only = try relay.connect()
            #expect(try relay.get("/", headers: TestClient.upgradeFields).status == 503)
            #expect(relay.engine.statistics().handshakesRefused[.full] == 1)
            #expect(relay.timesExceeded(.connections) == 1)
            #expect(log.lines.map { $0.metadata["reason"] } == ["full"])
            try only.create()
        }
    }

    @Test(
        "a page that has no WebSocket answers as ever, whatever is left of a handshake",
        arguments: ["/health", "/ready", "/metrics", "/room/111111", "/health/", "//metrics", "/room//111111/"])
    func ignored(target: String) async throws {
        try await withRelay { relay in
            let plain = try relay.get(target)
            let heads = [
                TestClient.upgradeFields, [Self.key], Self.changed("Connection", to: "close"),
                Self.changed("Sec-WebSocket-Version", to: "8"),
            ]
            for fields in heads {
                let reply = try relay.get(target, headers: fields)
                #expect(reply.status == plain.status)
                if !target.contains("metrics") { #expect(reply.body == plain.body) }
            }
            #expect(relay.engine.statistics().handshakesRefused.values.allSatisfy { $0 == 0 })
        }
    }

    @Test("a request of another method is none, whatever its fields", arguments: ["HEAD", "POST", "OPTIONS", "get"])
    func methods(method: String) async throws {
        try await withRelay { relay in
            let reply = try relay.get("/", method: method, headers: TestClient.upgradeFields)
            #expect(reply.status == (method == "HEAD" ? 200 : method == "OPTIONS" ? 204 : 405))
            #expect(relay.engine.statistics().handshakesRefused.values.allSatisfy { $0 == 0 })
        }
    }

    @Test("the connection of a refused handshake serves the next request")
    func keepsConnection() async throws {
        try await withRelay { relay in
            let client = try relay.dial()
            client.sendRequest("/", headers: [Self.key])
            #expect(try client.reply()["Connection"] == "Upgrade")
            try client.open("/")
            try client.create()
        }
    }
}
