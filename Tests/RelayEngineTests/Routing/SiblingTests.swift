import RelayCore
import RelayEngine
import RelayWire
import Testing

@Suite("Rooms on siblings", .blocking)
struct SiblingTests {
    /// A machine `m-1` in Frankfurt that gives its siblings unlimited time.
    private static func frankfurt(_ configuration: inout EngineConfiguration) {
        configuration.identity = RoutingIdentity(
            isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
        configuration.transport.lookupTimeout = 0
        configuration.clientIPHeader = .flyClientIP
    }

    private static func code(_ number: UInt64) -> RoomCode {
        RoomCode(home: Region(name: "fra"), random: number)
    }

    /// The header that a proxy adds to a player's request.
    private static let player = ["X-Forwarded-For: 192.0.2.1"]
    private static let toSibling = "instance=m-2;timeout=5s;fallback=force_self"
    private static let replayedFromAbroad = "fly-replay-src: instance=m-9;region=nrt;t=1"
    private static let replayedFromHome = "fly-replay-src: instance=m-3;region=fra;t=1"
    private static let failed = "fly-replay-failed: instance=m-2;app=a;reason=timeout"

    private static func siblings(holding code: RoomCode) throws -> ScriptedSiblings {
        ScriptedSiblings(holding: [code: try #require(InstanceID("m-2"))])
    }

    @Test("a request for a room that a sibling holds is replayed to it", arguments: [1, 4])
    func found(loops: Int) async throws {
        let siblings = try Self.siblings(holding: Self.code(1))
        try await withRelay(loops: loops, siblings: siblings, configure: Self.frankfurt) { relay in
            for target in ["/room/\(Self.code(1))", "/\(Self.code(1))"] {
                let plain = try relay.get(target, headers: Self.player)
                #expect(plain.status == 409)
                #expect(plain["fly-replay"] == Self.toSibling)
                let abroad = try relay.get(target, headers: Self.player + [Self.replayedFromAbroad])
                #expect(abroad["fly-replay"] == Self.toSibling)
            }
            let upgrade = try relay.dial()
            upgrade.sendRequest("/\(Self.code(1))", headers: TestClient.upgradeFields + Self.player)
            #expect(try upgrade.reply()["fly-replay"] == Self.toSibling)
        }
        #expect(await siblings.asked == Array(repeating: Self.code(1), count: 5))
    }

    @Test("a room that nobody has is served here: not found, or a WebSocket like any other", arguments: [1, 4])
    func unknown(loops: Int) async throws {
        let siblings = ScriptedSiblings()
        try await withRelay(loops: loops, siblings: siblings, configure: Self.frankfurt) { relay in
            #expect(try relay.get("/room/\(Self.code(1))", headers: Self.player).status == 404)
            #expect(try relay.get("/\(Self.code(1))", headers: Self.player).status == 200)
            let guest = try relay.connect("/\(Self.code(1))", headers: Self.player)
            try guest.join("\(Self.code(1))", clientID: "client-1")
            try guest.expect(#"{"type":"error","message":"Room not found"}"#)
            try guest.create()
        }
        #expect(await siblings.asked.count == 3)
    }

    @Test("a room that is here is served without a search")
    func local() async throws {
        let siblings = ScriptedSiblings(isSilent: true)
        try await withRelay(loops: 2, siblings: siblings, configure: Self.frankfurt) { relay in
            let room = try relay.room(members: 1)
            #expect(try relay.get("/room/\(room.code)", headers: Self.player).status == 200)
            _ = try relay.connect("/\(room.code)", headers: Self.player)
        }
        #expect(await siblings.asked.isEmpty)
    }

    @Test(
        "a probe, a request that came back and one that a sibling replayed cause no search",
        arguments: [[], player + [failed], player + [replayedFromAbroad, failed], player + [replayedFromHome]])
    func unasked(headers: [String]) async throws {
        let siblings = try Self.siblings(holding: Self.code(1))
        try await withRelay(siblings: siblings, configure: Self.frankfurt) { relay in
            for target in ["/room/\(Self.code(1))", "/room/\(Self.code(1))?instance=m-1"] {
                let reply = try relay.get(target, headers: headers)
                #expect(reply.status == 404)
            }
        }
        #expect(await siblings.asked.isEmpty)
    }

    @Test(
        "each header that a proxy adds marks a request as a player's",
        arguments: [
            "X-Forwarded-For: 192.0.2.1", "Fly-Client-IP: 192.0.2.1", "Fly-Forwarded-Port: 443",
            "Forwarded: for=192.0.2.1", "Via: 1.1 edge", "X-Real-IP: 192.0.2.1", "X-Forwarded-Proto: https",
        ])
    func marks(header: String) async throws {
        let siblings = try Self.siblings(holding: Self.code(1))
        try await withRelay(siblings: siblings, configure: Self.frankfurt) { relay in
            let reply = try relay.get("/room/\(Self.code(1))", headers: [header])
            #expect(reply.status == 409)
        }
    }

    @Test("while a request waits for the siblings, the loop serves everything else")
    func othersGoOn() async throws {
        let siblings = ScriptedSiblings(isSilent: true)
        try await withRelay(siblings: siblings, configure: Self.frankfurt) { relay in
            let waiting = try relay.dial()
            waiting.sendRequest("/room/\(Self.code(1))", headers: Self.player)
            await siblings.untilAsked(1)

            #expect(try relay.get("/health").status == 200)
            let room = try relay.room(members: 2)
            room.members[1].send(#"{"type":"send","data":1}"#)
            try room.host.expect(#"{"type":"message","from":1,"data":1}"#)
            #expect(!waiting.socket.hasNews(within: 0))

            await siblings.answerAll(.sibling(try #require(InstanceID("m-2"))))
            #expect(try waiting.reply()["fly-replay"] == Self.toSibling)
        }
    }

    @Test("requests behind a parked one are not lost, and are answered in order", arguments: [1, 4])
    func pipelined(loops: Int) async throws {
        let siblings = ScriptedSiblings(isSilent: true)
        try await withRelay(loops: loops, siblings: siblings, configure: Self.frankfurt) { relay in
            let client = try relay.dial()
            client.sendRequest("/health")
            client.sendRequest("/room/\(Self.code(1))", headers: Self.player)
            client.sendRequest("/health")
            #expect(try client.reply().status == 200)
            await siblings.untilAsked(1)
            client.sendRequest("/", headers: TestClient.upgradeFields)
            #expect(!client.socket.hasNews(within: 0))
            await siblings.answerAll(.nowhere)
            #expect(try client.reply().status == 404)
            #expect(try client.reply().status == 200)
            #expect(try client.reply().status == 101)
        }
    }

    @Test("frames that arrive with an upgrade that waits for the siblings are not lost", arguments: [1, 4])
    func earlyFrames(loops: Int) async throws {
        let siblings = ScriptedSiblings(isSilent: true)
        try await withRelay(loops: loops, siblings: siblings, configure: Self.frankfurt) { relay in
            let client = try relay.dial()
            let request = TestClient.upgradeRequest("/\(Self.code(1))", headers: Self.player)
            var bytes: [UInt8] = []
            request.append(to: &bytes)
            client.write(bytes)
            client.send(#"{"type":"nonsense"}"#)
            await siblings.untilAsked(1)
            client.send(#"{"type":"close_room"}"#)
            await siblings.answerAll(.nowhere)
            try client.finishOpening(request)
            try client.expect(#"{"type":"error","message":"Unknown message type"}"#)
            try client.expect(#"{"type":"error","message":"Not in a room"}"#)
        }
    }

    @Test("a client that hangs up while it waits gives up its share of the lookup", arguments: [false, true])
    func hangUp(isUpgrade: Bool) async throws {
        let siblings = ScriptedSiblings(isSilent: true)
        try await withRelay(siblings: siblings, configure: Self.frankfurt) { relay in
            do {
                let client = try relay.dial()
                client.sendRequest(
                    "/\(Self.code(1))", headers: Self.player + (isUpgrade ? TestClient.upgradeFields : []))
                // Unread bytes must not hide the end behind them.
                client.sendRequest("/health")
                await siblings.untilAsked(1)
            }
            await siblings.untilCancelled(1)
            #expect(try relay.get("/health").status == 200)
        }
    }

    @Test("when the relay stops, lookups end with it")
    func stop() async throws {
        let siblings = ScriptedSiblings(isSilent: true)
        let client = try await withRelay(siblings: siblings, configure: Self.frankfurt) { relay in
            let client = try relay.dial()
            client.sendRequest("/room/\(Self.code(1))", headers: Self.player)
            await siblings.untilAsked(1)
            return client
        }
        await siblings.untilCancelled(1)
        try client.expectEnd()
    }

    @Test("without routing no sibling is asked")
    func routingOff() async throws {
        let siblings = try Self.siblings(holding: Self.code(1))
        try await withRelay(siblings: siblings) { relay in
            let reply = try relay.get("/room/\(Self.code(1))", headers: Self.player)
            #expect(reply.status == 404)
        }
        #expect(await siblings.asked.isEmpty)
    }
}
