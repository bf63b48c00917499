import RelayCore
import RelayEngine
import Testing

@Suite("Routing over the wire", .blocking)
struct RoutingTests {
    /// A machine `m-1` in Frankfurt.
    private static func frankfurt(_ configuration: inout EngineConfiguration) {
        configuration.identity = RoutingIdentity(
            isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
        configuration.regionLabel = "fra"
    }

    /// A code whose home is elsewhere.
    private static let tokyo = RoomCode(home: Region(name: "nrt"), random: 12_345).description
    /// A code of our region whose room does not exist.
    private static let absent = RoomCode(home: Region(name: "fra"), random: 12_345).description

    private static let replayed = "fly-replay-src: instance=m-2;region=nrt;t=1"
    private static let failed = "fly-replay-failed: instance=m-2;app=a;reason=timeout"

    struct Case: Sendable, CustomTestStringConvertible {
        let target: String
        let headers: [String]
        let status: Int
        let field: String?

        init(_ target: String, headers: [String] = [], _ status: Int, _ field: String? = nil) {
            self.target = target
            self.headers = headers
            self.status = status
            self.field = field
        }

        var testDescription: String {
            "\(target) \(headers.contains("Upgrade: websocket") ? "upgrade" : headers.joined()) → \(status)"
        }
    }

    private static let toInstance = "instance=m-2;timeout=5s;fallback=force_self"
    private static let toRegion = "region=nrt;timeout=5s;fallback=force_self"

    private static let plain = [
        Case("/?instance=m-2", 409, toInstance),
        Case("/x/y?a=1&instance=m%2D2&instance=m-1", 409, toInstance),
        Case("/health?instance=m-2", 409, toInstance),
        Case("/metrics?instance=m-2", 409, toInstance),
        Case("/room/\(absent)?instance=m-2", 409, toInstance),
        Case("/?instance=m-2", headers: [replayed], 302, "/"),
        Case("/x%20y?a=1&instance=m-2&b=2", headers: [failed], 302, "/x%20y?a=1&b=2"),
        Case("//evil.test/?instance=m-2", headers: [replayed], 302, "/evil.test/"),
        Case("/?instance=a%0d%0ab", 302, "/"),
        Case("/?instance=\(String(repeating: "x", count: 65))", 302, "/"),
        Case("/?instance=", 200),
        Case("/\(tokyo)?instance=", 409, toRegion),
        Case("//\(tokyo)/", 409, toRegion),
        Case("/?instance=m-1", 200),
        Case("/health?instance=m-1", 200),
        Case("/health", 200),
        Case("/metrics", 200),
        Case("/room/\(tokyo)", 409, toRegion),
        Case("/\(tokyo)", 409, toRegion),
        Case("/\(tokyo)?x=1", 409, toRegion),
        Case("/room/\(tokyo)", headers: [replayed], 404),
        Case("/room/\(tokyo)", headers: [failed], 404),
        Case("/\(tokyo)", headers: [failed], 200),
        Case("/room/\(tokyo)?instance=m-1", 404),
        Case("/room/\(absent)", 404),
        Case("/room/\(absent)", headers: [replayed], 404),
        Case("/\(absent)", 200),
        Case("/room/\(tokyo)/x", 200),
        Case("/room/zzzzzz", 404),
        Case("/\(RoomCode(number: 31 << 30)?.description ?? "")", 200),
    ]

    @Test("plain requests are replayed, redirected or served by the rule", arguments: plain, [1, 2])
    func plainRequest(request: Case, loops: Int) async throws {
        try await withRelay(loops: loops, configure: Self.frankfurt) { relay in
            let reply = try relay.get(request.target, headers: request.headers)
            #expect(reply.status == request.status)
            #expect(reply["fly-replay"] == (request.status == 409 ? request.field : nil))
            #expect(reply["Location"] == (request.status == 302 ? request.field : nil))
            if request.status == 409 || request.status == 302 { #expect(reply.body.isEmpty) }
            #expect(reply.allowsEveryOrigin)
        }
    }

    private static let upgrades = [
        Case("/?instance=m-2", headers: TestClient.upgradeFields, 409, toInstance),
        Case("/\(tokyo)", headers: TestClient.upgradeFields, 409, toRegion),
        Case("/\(tokyo)?instance=m-2", headers: TestClient.upgradeFields + [replayed], 101),
        Case("/\(tokyo)?instance=m-2", headers: TestClient.upgradeFields + [failed], 101),
        Case("/?instance=a%20b", headers: TestClient.upgradeFields, 101),
        Case("/?instance=m-1", headers: TestClient.upgradeFields, 101),
        Case("/\(tokyo)", headers: TestClient.upgradeFields + [replayed], 101),
        Case("/\(tokyo)", headers: TestClient.upgradeFields + [failed], 101),
        Case("/\(absent)", headers: TestClient.upgradeFields, 101),
        Case("/health?instance=m-2", headers: TestClient.upgradeFields + [replayed], 302, "/health"),
    ]

    @Test("upgrades are replayed before they are accepted, and never redirected", arguments: upgrades, [1, 2])
    func upgrade(request: Case, loops: Int) async throws {
        try await withRelay(loops: loops, configure: Self.frankfurt) { relay in
            let client = try relay.dial()
            client.sendRequest(request.target, headers: request.headers)
            let reply = try client.reply()
            #expect(reply.status == request.status)
            #expect(reply["fly-replay"] == (request.status == 409 ? request.field : nil))
            #expect(reply["Location"] == (request.status == 302 ? request.field : nil))
            #expect(reply.allowsEveryOrigin)
            if request.status == 101 {
                try client.create()
            } else {
                client.sendRequest("/health")
                #expect(try client.reply().status == 200)
            }
        }
    }

    @Test(
        "no answer repeats the host or origin that a request claims",
        arguments: ["/?instance=", "/?instance=m-2", "/room/\(tokyo)", "/room/\(absent)", "/health", "/"])
    func lyingHost(target: String) async throws {
        try await withRelay(configure: Self.frankfurt) { relay in
            let lies = ["X-Forwarded-Host: evil.test", "Forwarded: host=evil.test", "Origin: https://evil.test"]
            let client = try relay.dial()
            client.write("GET \(target) HTTP/1.1\r\nHost: evil.test\r\n\(lies.joined(separator: "\r\n"))\r\n\r\n")
            let reply = try client.reply()
            #expect(!reply.fields.contains { $0.value.contains("evil") })
            #expect(!reply.body.contains("evil"))
        }
    }

    @Test("codes carry the home region, and a room that is here is served here", arguments: [1, 2, 4])
    func home(loops: Int) async throws {
        try await withRelay(loops: loops, configure: Self.frankfurt) { relay in
            for _ in 0..<8 {
                let room = try relay.room(members: 1)
                #expect(RoomCode(room.code)?.home == Region(name: "fra"))
                #expect(try relay.get("/room/\(room.code)").status == 200)
                #expect(try relay.get("/room/\(room.code)?instance=m-1").status == 200)
                let guest = try relay.connect("/\(room.code)")
                try guest.join(room.code, clientID: "client-1")
                try guest.expect(#"{"type":"joined","room":"\#(room.code)","index":1,"peers":[0]}"#)
            }
        }
    }

    @Test("outside a cluster, pins and regions are ignored")
    func off() async throws {
        try await withRelay { relay in
            #expect(try relay.get("/?instance=m-2").status == 200)
            #expect(try relay.get("/\(Self.tokyo)").status == 200)
            #expect(try relay.get("/room/\(Self.tokyo)?instance=m-2").status == 404)
            _ = try relay.connect("/\(Self.tokyo)?instance=m-2")
        }
    }
}
