import RelayCore
import RelayEngine
import RelayWire
import Testing

@Suite("Codes that people can type", .blocking)
struct EasyCodeTests {
    private static func easy(_ configuration: inout EngineConfiguration) {
        configuration.codes = .easy
    }

    private static func frankfurt(_ configuration: inout EngineConfiguration) {
        configuration.codes = .easy
        configuration.identity = RoutingIdentity(
            isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
        configuration.clientIPHeader = .flyClientIP
    }

    /// The header that a proxy adds to a player's request.
    private static let player = ["X-Forwarded-For: 192.0.2.1"]

    /// A room with letters in its code, so that it can be typed in lower case.
    private static func room(on relay: RunningRelay) throws -> (code: String, typed: String, host: TestClient) {
        while true {
            let host = try relay.connect()
            let code = try host.create(clientID: "client-0")
            if code.lowercased() != code { return (code, code.lowercased(), host) }
        }
    }

    @Test("rooms get codes of digits and capitals without vowels", arguments: [1, 2, 4])
    func created(loops: Int) async throws {
        try await withRelay(loops: loops, configure: Self.easy) { relay in
            for _ in 0..<20 {
                let code = try relay.room(members: 1).code
                #expect(code.wholeMatch(of: /[1-9BCDFGHJ-NP-TV-Z]{6}/) != nil, "\(code)")
            }
        }
    }

    @Test("a room is found by its code in lower case, in every place where a code stands", arguments: [1, 2, 4])
    func found(loops: Int) async throws {
        try await withRelay(loops: loops, configure: Self.easy) { relay in
            for number in 1...8 {
                let (code, typed, host) = try Self.room(on: relay)
                let capitalised = code.prefix(1) + typed.dropFirst()
                for text in [code, typed, String(capitalised)] {
                    #expect(try relay.get("/room/\(text)").body.hasPrefix(#"{"clients":1"#), "\(text)")
                }
                let (guest, answer) = try relay.join(typed, as: "client-\(number)", target: "/\(typed)")
                #expect(answer == #"{"type":"joined","room":"\#(code)","index":1,"peers":[0]}"#)
                try host.expect(#"{"type":"peer_joined","index":1}"#)
                try guest.expectNothing()
            }
        }
    }

    @Test("where codes are mixed, one in lower case is another code", arguments: [1, 4])
    func mixed(loops: Int) async throws {
        let record = HandoverOrderTests.record(code: try #require(RoomCode("BCDFGH")))
        try await withRelay(loops: loops, kept: [record]) { relay in
            #expect(try relay.answerToJoin("bcdfgh", as: "client-0") == Refusal.notFound)
            let (host, answer) = try relay.join("BCDFGH", as: "client-0")
            #expect(answer == #"{"type":"joined","room":"BCDFGH","index":0,"peers":[]}"#)
            #expect(try relay.get("/room/bcdfgh").status == 404)
            #expect(try relay.get("/room/BCDFGH").status == 200)
            try host.expectNothing()
        }
    }

    @Test(
        "a room whose code is in lower case itself goes before the one in capitals, until it has ended",
        arguments: [1, 4])
    func exact(loops: Int) async throws {
        let codes = ["bcdfgh", "BCDFGH"]
        let records = try codes.map { HandoverOrderTests.record(code: try #require(RoomCode($0))) }
        try await withRelay(loops: loops, kept: records, configure: Self.easy) { relay in
            relay.untilDormant(2)
            let (host, answer) = try relay.join("bcdfgh", as: "client-0", target: "/bcdfgh")
            #expect(answer == #"{"type":"joined","room":"bcdfgh","index":0,"peers":[]}"#)
            #expect(try relay.get("/room/bcdfgh").status == 200)
            #expect(try relay.get("/room/BCDFGH").status == 404)
            host.send(#"{"type":"close_room"}"#)
            try host.expectClose(4001, "room closed")
            let other = try relay.answerToJoin("bcdfgh", as: "client-0")
            #expect(other == #"{"type":"joined","room":"BCDFGH","index":0,"peers":[]}"#)
        }
    }

    @Test("a code is routed by the region of its capitals", arguments: [1, 4])
    func region(loops: Int) async throws {
        let ranks = EasyCodes.ranks(inRegion: Region(name: "syd")?.index)
        let code = EasyCodes.code(ofRank: ranks.upperBound - 1).description
        try await withRelay(loops: loops, siblings: ScriptedSiblings(), configure: Self.frankfurt) { relay in
            for target in ["/room/\(code.lowercased())", "/\(code.lowercased())"] {
                let reply = try relay.get(target, headers: Self.player)
                #expect(reply.status == 409)
                #expect(reply["fly-replay"]?.contains("region=syd") == true)
            }
        }
    }

    @Test("siblings are asked for the capitals, and are answered for what they ask", arguments: [1, 4])
    func siblings(loops: Int) async throws {
        let ranks = EasyCodes.ranks(inRegion: Region(name: "fra")?.index)
        let code = EasyCodes.code(ofRank: ranks.upperBound - 1)
        let typed = code.description.lowercased()
        let siblings = ScriptedSiblings(holding: [code: try #require(InstanceID("m-2"))])
        try await withRelay(loops: loops, siblings: siblings, configure: Self.frankfurt) { relay in
            let upgrade = try relay.dial()
            upgrade.sendRequest("/\(typed)", headers: TestClient.upgradeFields + Self.player)
            let replay = try upgrade.reply()["fly-replay"]
            #expect(replay?.hasPrefix("instance=m-2;") == true)
            let (own, ownTyped, _) = try Self.room(on: relay)
            let probes = try [own, ownTyped].map { try relay.get("/room/\($0)?instance=m-1").status }
            #expect(probes == [200, 404])
        }
        #expect(await siblings.asked == [code])
    }

    @Test("whoever comes for a mixed code that was handed over is sent after it", arguments: [1, 4])
    func handedOver(loops: Int) async throws {
        let home = Region(name: "fra")
        let mixed = (0..<10_000 as Range<UInt64>).lazy.map { RoomCode(home: home, random: $0 * 99_991) }
        let ambiguous = mixed.first { $0.couldBeEasy }
        let code = try #require(ambiguous)
        try await withRelay(loops: loops, kept: [HandoverOrderTests.record(code: code)]) {
            TwoMachines.configure(&$0, as: "m-1")
            Self.frankfurt(&$0)
        } _: { relay in
            relay.untilDormant(1)
            relay.engine.beginDrain()
            let taker = RoomTaker { _, _ in
                InstanceID("m-2")
            } takeBack: { _, _ in
            }
            await relay.engine.handOver(to: taker, over: 0)
            let reply = try relay.get("/room/\(code)", headers: Self.player)
            #expect(reply.status == 409)
            #expect(reply["fly-replay"]?.hasPrefix("instance=m-2;state=handed-over") == true)
        }
    }

    @Test("an unknown code costs one miss, however it is typed")
    func miss() async throws {
        try await withRelay(loops: 2) {
            $0.codes = .easy
            $0.missesPerMinute = 3
            $0.clientIPHeader = HeaderName("x-client")
        } _: { relay in
            let client = ["X-Client: 203.0.113.7"]
            let statuses = try (0..<4).map { _ in try relay.get("/room/bcdfgh", headers: client).status }
            #expect(statuses == [404, 404, 404, 429])
        }
    }
}
