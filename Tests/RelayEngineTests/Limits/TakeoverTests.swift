import RelayEngine
import Testing

@Suite("The limit on takeovers", .blocking)
struct TakeoverTests {
    private static let refusal = #"{"type":"error","message":"Too many attempts"}"#

    /// Takes a slot over again and again, until the relay refuses.
    ///
    /// - Returns: the number of takeovers, the connection that has kept the seat, and the one that was refused.
    private static func takeOver(
        _ client: String, in code: String, at relay: RunningRelay
    ) throws -> (count: Int, seated: TestClient, refused: TestClient) {
        var seated = try relay.connect()
        try seated.join(code, clientID: client)
        _ = try seated.text("joined")
        for count in 0..<100 {
            let next = try relay.connect()
            try next.join(code, clientID: client)
            if try next.text("an answer") == refusal { return (count, seated, next) }
            try seated.expectClose(4000, "replaced")
            seated = next
        }
        throw Unexpected(heard: .end, insteadOf: "an error")
    }

    @Test("a slot that is taken over too often keeps its connection, and the other one stays open", arguments: [1, 4])
    func bound(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 1)
            let outcome = try Self.takeOver("client-1", in: room.code, at: relay)
            // Ten at once, and one more for each second that this has taken.
            #expect((10...40).contains(outcome.count))
            #expect(relay.timesExceeded(.takeovers) == 1)
            #expect(relay.timesExceeded(.missesPerMinute) == 0)
            outcome.seated.sits(at: 1)
            try outcome.seated.expectNothing()
            outcome.refused.send(#"{"type":"close_room"}"#)
            try outcome.refused.expect(#"{"type":"error","message":"Not in a room"}"#)
            try room.host.expect(#"{"type":"peer_joined","index":1}"#)
            try room.host.expectNothing()

            // Other slots are not held up, nor a client that comes back to a slot without a connection.
            let host = try relay.connect()
            try host.join(room.code, clientID: "client-0")
            #expect(try host.text() == #"{"type":"joined","room":"\#(room.code)","index":0,"peers":[1]}"#)
            outcome.seated.socket.close()
            try host.expect(#"{"type":"peer_left","index":1}"#)
            try outcome.refused.join(room.code, clientID: "client-1")
            #expect(try outcome.refused.text() == #"{"type":"joined","room":"\#(room.code)","index":1,"peers":[0]}"#)
        }
    }

    @Test("after a moment a slot can be taken over again")
    func recovery() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 1)
            let outcome = try Self.takeOver("client-1", in: room.code, at: relay)
            var answer = ""
            repeat {
                try outcome.refused.join(room.code, clientID: "client-1")
                answer = try outcome.refused.text()
            } while answer == Self.refusal
            #expect(answer == #"{"type":"joined","room":"\#(room.code)","index":1,"peers":[0]}"#)
            try outcome.seated.expectClose(4000, "replaced")
        }
    }

    @Test("a player who reloads several times is never refused")
    func reloads() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 1)
            for _ in 0..<10 {
                let tab = try relay.connect("/\(room.code)")
                try tab.join(room.code, clientID: "client-1")
                #expect(try tab.text() == #"{"type":"joined","room":"\#(room.code)","index":1,"peers":[0]}"#)
            }
            #expect(relay.timesExceeded(.takeovers) == 0)
        }
    }
}
