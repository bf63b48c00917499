import RelayEngine
import RelayWire
import Testing

@Suite("Places that are held", .blocking)
struct HoldTests {
    private static func body(_ code: String, _ relay: RunningRelay) throws -> String {
        try relay.get("/room/\(code)").body
    }

    @Test("a lost member's place is its own, and everybody hears at once that it has left", arguments: [1, 4])
    func hold(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let (host, code) = try relay.createRoom(#""maxClients":2,"hold":600"#)
            let (guest, _) = try relay.join(code, as: "client-1")
            try host.expect(#"{"type":"peer_joined","index":1}"#)
            #expect(try Self.body(code, relay) == #"{"clients":2,"maxClients":2,"origin":"unknown"}"#)
            guest.socket.reset()
            try host.expect(#"{"type":"peer_left","index":1}"#)
            #expect(try Self.body(code, relay) == #"{"clients":1,"maxClients":2,"origin":"unknown","held":1}"#)
            #expect(try relay.answerToJoin(code, as: "stranger") == Refusal.roomFull)
            let (back, answer) = try relay.join(code, as: "client-1")
            #expect(answer == #"{"type":"joined","room":"\#(code)","index":1,"peers":[0]}"#)
            try host.expect(#"{"type":"peer_joined","index":1}"#)
            #expect(try Self.body(code, relay) == #"{"clients":2,"maxClients":2,"origin":"unknown"}"#)
            // The host's place is held just as well.
            host.leave(code: 1_001)
            try back.expect(#"{"type":"peer_left","index":0}"#)
            #expect(try relay.answerToJoin(code, as: "stranger") == Refusal.roomFull)
            // Who says goodbye frees its place.
            back.leave(code: 1_000)
            relay.eventually("the room has ended") { relay.engine.statistics().clients == 0 }
        }
    }

    @Test("a place is free when its time is over, and not earlier")
    func end() async throws {
        try await withRelay { relay in
            let (host, code) = try relay.createRoom(#""maxClients":2,"hold":1"#)
            let (guest, _) = try relay.join(code, as: "client-1")
            let start = ContinuousClock.now
            guest.socket.close()
            try host.expect(#"{"type":"peer_joined","index":1}"#)
            try host.expect(#"{"type":"peer_left","index":1}"#)
            let stranger = try relay.connect()
            var answer = Refusal.roomFull
            relay.eventually("the place is free") {
                stranger.send(#"{"type":"join","clientId":"stranger","room":"\#(code)"}"#)
                answer = (try? stranger.text()) ?? ""
                return answer != Refusal.roomFull
            }
            #expect(answer == #"{"type":"joined","room":"\#(code)","index":2,"peers":[0]}"#)
            #expect(ContinuousClock.now - start >= .seconds(1))
            #expect(try relay.answerToJoin(code, as: "client-1") == Refusal.roomFull)
        }
    }

    @Test("places are held in a dormant room, too: who had one gets in before another owner of a slot")
    func dormant() async throws {
        try await withRelay { relay in
            let (host, code) = try relay.createRoom(#""maxClients":2,"hold":600"#)
            let (first, _) = try relay.join(code, as: "client-1")
            first.send(#"{"type":"leave"}"#)
            try first.expectClose(1_000, "left")
            let (second, _) = try relay.join(code, as: "client-2")
            host.socket.reset()
            second.socket.reset()
            relay.untilDormant(1)
            #expect(try relay.answerToJoin(code, as: "client-1") == Refusal.roomFull)
            #expect(relay.engine.statistics().dormantRooms == 1)
            #expect(
                try relay.answerToJoin(code, as: "client-2")
                    == #"{"type":"joined","room":"\#(code)","index":2,"peers":[]}"#)
        }
    }

    @Test(
        "a hold that is none is refused where the client knows of it, and means nothing elsewhere",
        arguments: [#""5""#, "-1", "601", "1e9", "true", "{}", "[5]"])
    func invalid(hold: String) async throws {
        try await withRelay { relay in
            let client = try relay.connect()
            client.send(#"{"type":"create","clientId":"c","maxClients":2,"v":3,"hold":\#(hold)}"#)
            try client.expect(
                #"{"type":"error","message":"hold must be a number from 0 to 600","code":"hold_invalid"}"#)
            let (host, code) = try relay.createRoom(#""maxClients":2,"hold":\#(hold)"#)
            let (guest, _) = try relay.join(code, as: "client-1")
            guest.socket.reset()
            try host.expect(#"{"type":"peer_joined","index":1}"#)
            try host.expect(#"{"type":"peer_left","index":1}"#)
            #expect(try Self.body(code, relay) == #"{"clients":1,"maxClients":2,"origin":"unknown"}"#)
        }
    }

    @Test(
        "the hold of a room is its creator's wish, or else the relay's",
        arguments: [("", 1), (#","hold":null"#, 1), (#","hold":0"#, 0), (#","hold":0.5"#, 1), (#","hold":600"#, 1)],
        ["", #","v":3"#])
    func wish(wish: (hold: String, held: Int), version: String) async throws {
        try await withRelay {
            $0.holdSeconds = 600
        } _: { relay in
            let (host, code) = try relay.createRoom(#""maxClients":2\#(wish.hold)\#(version)"#)
            let (guest, _) = try relay.join(code, as: "client-1")
            let start = ContinuousClock.now
            guest.socket.reset()
            _ = try host.text()
            _ = try host.text()
            let isHeld = try Self.body(code, relay).contains("held")
            // Half a second is rounded up to a whole one.
            if ContinuousClock.now - start < .seconds(1) { #expect(isHeld == (wish.held == 1)) }
        }
    }
}
