import RelayCore
import RelayEngine
import Testing

@Suite("Counts of replays", .blocking)
struct ReplayCountTests {
    private static func frankfurt(_ configuration: inout EngineConfiguration) {
        configuration.identity = RoutingIdentity(
            isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let target: String
        var headers: [String] = []
        var kinds: [String: Double] = [:]
        var fallbacks = 0.0

        var testDescription: String { "\(target) \(headers) is \(kinds), \(fallbacks)" }
    }

    private static let tokyo = RoomCode(home: Region(name: "nrt"), random: 1)
    private static let held = RoomCode(home: Region(name: "fra"), random: 1)
    private static let absent = RoomCode(home: Region(name: "fra"), random: 2)
    private static let player = "X-Forwarded-For: 192.0.2.1"
    private static let failed = "fly-replay-failed: instance=m-2;app=a;reason=timeout"
    private static let replayed = "fly-replay-src: instance=m-9;region=nrt;t=1"

    private static let cases = [
        Case(target: "/?instance=m-2", kinds: ["pin": 1]),
        Case(target: "/\(held)?instance=m-2", kinds: ["pin": 1]),
        Case(target: "/\(tokyo)", kinds: ["region": 1]),
        Case(target: "/room/\(held)", headers: [player], kinds: ["sibling": 1]),
        Case(target: "/\(held)", headers: [player, replayed], kinds: ["sibling": 1]),
        Case(target: "/room/\(absent)", headers: [player]),
        Case(target: "/?instance=m-1"),
        Case(target: "/health"),
        Case(target: "/?instance=m-2", headers: [replayed]),
        Case(target: "/?instance=m-2", headers: [failed], fallbacks: 1),
        Case(target: "/\(tokyo)", headers: [player, failed], fallbacks: 1),
        Case(target: "/room/\(held)", headers: [player, failed, replayed], fallbacks: 1),
    ]

    @Test(
        "a replay is counted by its destination, and a request that came back is counted once", arguments: cases,
        [1, 4])
    func counts(request: Case, loops: Int) async throws {
        let siblings = ScriptedSiblings(holding: [Self.held: try #require(InstanceID("m-2"))])
        try await withRelay(loops: loops, siblings: siblings, configure: Self.frankfurt) { relay in
            _ = try relay.get(request.target, headers: request.headers)
            let page = try relay.page()
            #expect(page.counts("party_sockets_replays_total", by: "kind") == request.kinds)
            #expect(page["party_sockets_replay_fallbacks_total"] == request.fallbacks)
        }
    }

    @Test("an upgrade that is replayed, or came back, is counted like other requests", arguments: [1, 4])
    func upgrades(loops: Int) async throws {
        try await withRelay(loops: loops, configure: Self.frankfurt) { relay in
            let replayed = try relay.dial()
            replayed.sendRequest("/\(Self.tokyo)", headers: TestClient.upgradeFields)
            #expect(try replayed.reply().status == 409)
            _ = try relay.connect("/\(Self.tokyo)", headers: [Self.failed])
            let page = try relay.page()
            #expect(page.counts("party_sockets_replays_total", by: "kind") == ["region": 1])
            #expect(page["party_sockets_replay_fallbacks_total"] == 1)
        }
    }

    @Test("outside a cluster no request counts as one that came back, whatever a client claims")
    func off() async throws {
        try await withRelay { relay in
            _ = try relay.get("/", headers: [Self.failed])
            #expect(try relay.page()["party_sockets_replay_fallbacks_total"] == 0)
        }
    }
}
