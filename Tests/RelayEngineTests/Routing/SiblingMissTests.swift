import RelayCore
import RelayEngine
import RelayWire
import Testing

/// What searches on the siblings cost a client.
@Suite("Misses on siblings", .blocking)
struct SiblingMissTests {
    private static let guesser = ["Fly-Client-IP: 198.51.100.7"]

    private static func code(_ number: UInt64) -> RoomCode {
        RoomCode(home: Region(name: "fra"), random: number)
    }

    /// A relay in Frankfurt whose siblings have one room, `code(9)`, and unlimited time.
    private static func withSiblings(
        _ siblings: ScriptedSiblings, missesPerMinute: Int, loops: Int = 1, _ body: (RunningRelay) async throws -> Void
    ) async throws {
        try await withRelay(loops: loops, siblings: siblings) {
            $0.identity = RoutingIdentity(
                isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
            $0.transport.lookupTimeout = 0
            $0.clientIPHeader = .flyClientIP
            $0.missesPerMinute = missesPerMinute
        } _: {
            try await body($0)
        }
    }

    private static func siblings(isSilent: Bool = false, isUnsure: Bool = false) throws -> ScriptedSiblings {
        ScriptedSiblings(
            holding: [code(9): try #require(InstanceID("m-2"))], isSilent: isSilent, isUnsure: isUnsure)
    }

    @Test("unknown codes count, hits do not, and above the limit the siblings are not asked", arguments: [1, 4])
    func misses(loops: Int) async throws {
        let siblings = try Self.siblings()
        try await Self.withSiblings(siblings, missesPerMinute: 2, loops: loops) { relay in
            for _ in 0..<10 {
                #expect(try relay.get("/room/\(Self.code(9))", headers: Self.guesser).status == 409)
                let upgrade = try relay.dial()
                upgrade.sendRequest("/\(Self.code(9))", headers: TestClient.upgradeFields + Self.guesser)
                #expect(try upgrade.reply().status == 409)
            }
            #expect(try relay.get("/room/\(Self.code(1))", headers: Self.guesser).status == 404)
            #expect(try relay.get("/\(Self.code(2))", headers: Self.guesser).status == 200)
            #expect(await siblings.asked.count == 22)

            // A living room and an unknown code look alike now.
            for number: UInt64 in [3, 9] {
                #expect(try relay.get("/room/\(Self.code(number))", headers: Self.guesser).status == 429)
                #expect(try relay.get("/\(Self.code(number))", headers: Self.guesser).status == 200)
                let guest = try relay.connect("/\(Self.code(number))", headers: Self.guesser)
                try guest.join("\(Self.code(number))", clientID: "client-1")
                try guest.expect(#"{"type":"error","message":"Too many attempts"}"#)
            }
            #expect(await siblings.asked.count == 22)
            #expect(try relay.get("/room/\(Self.code(3))", headers: ["Fly-Client-IP: 198.51.100.8"]).status == 404)
        }
    }

    @Test("the upgrade and the join of one visit are one miss; another join is another")
    func oneVisit() async throws {
        try await Self.withSiblings(try Self.siblings(), missesPerMinute: 3) { relay in
            for _ in 0..<2 {
                let guest = try relay.connect("/\(Self.code(1))", headers: Self.guesser)
                try guest.join("\(Self.code(1))", clientID: "client-1")
                try guest.expect(#"{"type":"error","message":"Room not found"}"#)
            }
            let guest = try relay.connect("/\(Self.code(1))", headers: Self.guesser)
            for answer in ["Room not found", "Too many attempts"] {
                try guest.join("\(Self.code(1))", clientID: "client-1")
                try guest.expect(#"{"type":"error","message":"\#(answer)"}"#)
            }
        }
    }

    @Test("a join of another code than the path's is paid for by itself")
    func otherCode() async throws {
        try await Self.withSiblings(try Self.siblings(), missesPerMinute: 2) { relay in
            let guest = try relay.connect("/\(Self.code(1))", headers: Self.guesser)
            for (number, answer) in [(2, "Room not found"), (3, "Too many attempts"), (1, "Room not found")] {
                try guest.join("\(Self.code(UInt64(number)))", clientID: "client-1")
                try guest.expect(#"{"type":"error","message":"\#(answer)"}"#)
            }
        }
    }

    @Test("searches at once are paid for before they begin, and given back if they find the room")
    func atOnce() async throws {
        let siblings = try Self.siblings(isSilent: true)
        try await Self.withSiblings(siblings, missesPerMinute: 2) { relay in
            let start = ContinuousClock.now
            for _ in 0..<3 {
                let before = await siblings.asked.count
                let clients = try (0..<5).map { _ in try relay.dial() }
                for (number, client) in clients.enumerated() {
                    client.sendRequest("/room/\(Self.code(UInt64(number)))", headers: Self.guesser)
                    if number < 2 { await siblings.untilAsked(before + number + 1) }
                }
                // After half a minute a miss is there again, and one more is asked for: a machine so busy tells nothing.
                guard ContinuousClock.now - start < .seconds(20) else { return await siblings.answerAll(.nowhere) }
                for client in clients.suffix(3) { #expect(try client.reply().status == 429) }
                #expect(await siblings.asked.count == before + 2)
                await siblings.answerAll(.sibling(try #require(InstanceID("m-3"))))
                for client in clients.prefix(2) { #expect(try client.reply().status == 409) }
            }
        }
    }

    @Test("what nobody could tell is given back, ten times as often as the limit")
    func unsure() async throws {
        try await Self.withSiblings(try Self.siblings(isUnsure: true), missesPerMinute: 1) { relay in
            let replies = try (0..<14).map { number in
                try relay.get("/room/\(Self.code(UInt64(100 + number)))", headers: Self.guesser)
            }
            #expect(replies.prefix(11).allSatisfy { $0.status == 503 && $0["Retry-After"] == "1" })
            #expect(replies.suffix(3).contains { $0.status == 429 })
            #expect(relay.engine.statistics().unknownAnswers >= 11)
        }
    }

    @Test("where nobody can tell, a player is told to come again, and the page that needs no room is served")
    func unsurePlayer() async throws {
        try await Self.withSiblings(try Self.siblings(isUnsure: true), missesPerMinute: 0, loops: 2) { relay in
            let client = try relay.dial()
            client.sendRequest("/\(Self.code(1))", headers: TestClient.upgradeFields + Self.guesser)
            let reply = try client.reply()
            #expect(reply.status == 503)
            #expect(reply["Retry-After"] == "1")
            #expect(try relay.get("/\(Self.code(1))", headers: Self.guesser).status == 200)
            #expect(relay.engine.statistics().unknownAnswers == 1)
            // One who does not ask for a room is let in.
            _ = try relay.connect(headers: Self.guesser)
        }
    }

    @Test("a client that hangs up before the siblings have answered has paid for the miss")
    func hangUp() async throws {
        let siblings = try Self.siblings(isSilent: true)
        try await Self.withSiblings(siblings, missesPerMinute: 1) { relay in
            let start = ContinuousClock.now
            do {
                let client = try relay.dial()
                client.sendRequest("/room/\(Self.code(1))", headers: Self.guesser)
                await siblings.untilAsked(1)
            }
            await siblings.untilCancelled(1)
            let status = try relay.get("/room/\(Self.code(9))", headers: Self.guesser).status
            // After a minute the miss is there again: on a machine so busy this says nothing.
            if ContinuousClock.now - start < .seconds(55) { #expect(status == 429) }
        }
    }

    @Test("a household that retries a dead code is let in to living rooms of siblings again and again")
    func household() async throws {
        let siblings = try Self.siblings()
        try await Self.withSiblings(siblings, missesPerMinute: 120) { relay in
            var misses = 0
            while try relay.get("/room/\(Self.code(1))", headers: Self.guesser).status == 404 { misses += 1 }
            #expect(misses >= 120)
            // A retry of the dead code before each attempt takes what has been refilled; yet attempts succeed.
            let clock = ContinuousClock()
            let end = clock.now + .seconds(60)
            var found = 0
            while found < 5, clock.now < end {
                if try relay.get("/room/\(Self.code(9))", headers: Self.guesser).status == 409 { found += 1 }
                if found % 2 == 0 { _ = try relay.get("/room/\(Self.code(1))", headers: Self.guesser) }
            }
            #expect(found == 5)
        }
    }
}
