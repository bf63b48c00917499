import RelayCore
import RelayEngine
import RelayWire
import Testing

@Suite("New games while a machine drains", .blocking)
struct DrainRoutingTests {
    private static func frankfurt(_ configuration: inout EngineConfiguration) {
        configuration.identity = RoutingIdentity(
            isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
    }

    private static let elsewhere = "elsewhere=true;timeout=5s;fallback=force_self"
    private static let fallback = "fly-replay-failed: instance=m-1;app=a;reason=no_candidate"
    private static let replayed = "fly-replay-src: instance=m-2;region=fra;t=1"

    /// The answer to an upgrade.
    private static func upgrade(_ target: String, _ headers: [String] = [], at relay: RunningRelay) throws -> HTTPReply
    {
        let client = try relay.dial()
        client.sendRequest(target, headers: TestClient.upgradeFields + headers)
        return try client.reply()
    }

    @Test(
        "an upgrade that names neither a room nor a machine is replayed if another machine takes new games",
        arguments: [1, 4])
    func sent(loops: Int) async throws {
        try await withRelay(loops: loops, configure: Self.frankfurt) { relay in
            let room = try relay.room(members: 1)
            relay.engine.beginDrain()
            relay.engine.noteReadyPeer(true, seconds: 60)
            for target in ["/", "/play?name=a", "/zzzzzz"] {
                let reply = try Self.upgrade(target, at: relay)
                #expect(reply.status == 409)
                #expect(reply["fly-replay"] == Self.elsewhere)
            }
            #expect(try relay.get("/").status == 200)
            try room.host.expectNothing()
        }
    }

    @Test(
        "an upgrade that names a room or this machine, or was replayed before, is accepted",
        arguments: [[], [fallback], [replayed], [replayed, fallback]])
    func letIn(headers: [String]) async throws {
        try await withRelay(loops: 2, configure: Self.frankfurt) { relay in
            var room = try relay.room(members: 1)
            relay.engine.beginDrain()
            relay.engine.noteReadyPeer(true, seconds: 60)
            try room.add(try relay.connect("/\(room.code)", headers: headers))
            try room.add(try relay.connect("/?instance=m-1", headers: headers))
            if !headers.isEmpty { try room.add(try relay.connect("/", headers: headers)) }
        }
    }

    @Test("while no other machine is known to take new games, all upgrades are accepted")
    func unknown() async throws {
        try await withRelay(configure: Self.frankfurt) { relay in
            let room = try relay.room(members: 1)
            relay.engine.noteReadyPeer(true, seconds: 60)
            #expect(try Self.upgrade("/", at: relay).status == 101)
            relay.engine.beginDrain()
            #expect(try Self.upgrade("/", at: relay).status == 409)
            relay.engine.noteReadyPeer(false, seconds: 60)
            #expect(try Self.upgrade("/", at: relay).status == 101)
            // The answer holds no longer than it said.
            relay.engine.noteReadyPeer(true, seconds: 0)
            #expect(try Self.upgrade("/", at: relay).status == 101)
            try room.host.expectNothing()
        }
    }

    @Test("outside a cluster all upgrades are accepted")
    func routingOff() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 1)
            relay.engine.beginDrain()
            relay.engine.noteReadyPeer(true, seconds: 60)
            #expect(try Self.upgrade("/", at: relay).status == 101)
            try room.host.expectNothing()
        }
    }

    @Test("a draining machine is healthy but not ready")
    func ready() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 1)
            let before = try relay.get("/ready")
            #expect(before.status == 200)
            #expect(before.body == #"{"status":"ready"}"#)
            relay.engine.beginDrain()
            let after = try relay.get("/ready")
            #expect(after.status == 503)
            #expect(after.body == #"{"status":"draining"}"#)
            // The header is ignored there.
            #expect(try Self.upgrade("/ready", at: relay).status == 503)
            #expect(try relay.get("/health").status == 200)
            try room.host.expectNothing()
        }
    }
}
