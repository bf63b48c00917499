import RelayEngine
import RelayWire
import Testing

@Suite("Goodbyes", .blocking)
struct FarewellTests {
    /// The ways in which a connection ends, and whether its client may come back.
    enum End: CustomTestStringConvertible, Sendable {
        case closeFrame(UInt16?)
        case hangUp
        case reset
        case violation
        case message

        var testDescription: String {
            if case .closeFrame(let code) = self { return "close frame \(code.map(String.init) ?? "without a code")" }
            return "\(self)"
        }

        func end(_ client: TestClient) {
            switch self {
            case .closeFrame(let code): client.leave(code: code)
            case .hangUp: client.socket.close()
            case .reset: client.socket.reset()
            case .violation: client.write([0x81, 0x00])
            case .message: client.send(#"{"type":"leave"}"#)
            }
        }
    }

    @Test(
        "who is lost may come back to its room, and who says goodbye ends it if nobody else is there",
        arguments: [
            (.closeFrame(1_001), false), (.hangUp, false), (.reset, false), (.violation, false),
            (.closeFrame(nil), true), (.closeFrame(1_000), true), (.closeFrame(1_003), true),
            (.closeFrame(1_011), true), (.closeFrame(3_000), true), (.closeFrame(4_000), true),
            (.closeFrame(4_999), true), (.message, true),
        ] as [(End, Bool)], [1, 4])
    func last(end: (End, isGoodbye: Bool), loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 2)
            room.members[1].leave(code: 1_000)
            try room.host.expect(#"{"type":"peer_left","index":1}"#)
            end.0.end(room.host)
            relay.eventually("nobody is there") { relay.engine.statistics().clients == 0 }
            relay.eventually("the room is dormant, or has ended") {
                let statistics = relay.engine.statistics()
                return statistics.rooms == 0 && statistics.dormantRooms == (end.isGoodbye ? 0 : 1)
            }
            // A slot is its owner's also after a goodbye.
            let answer = try relay.answerToJoin(room.code, as: "client-1")
            #expect(
                answer
                    == (end.isGoodbye
                        ? Refusal.notFound : #"{"type":"joined","room":"\#(room.code)","index":1,"peers":[]}"#))
        }
    }

    @Test("who leaves is told so, the others hear it, and its place is free at once", arguments: [1, 4])
    func leave(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.holdSeconds = 600
        } _: { relay in
            let room = try relay.room(members: 2, maxClients: 2)
            room.members[1].write(
                TestClient.frame(#"{"type":"send","data":1}"#) + TestClient.frame(#"{"type":"leave"}"#)
                    + TestClient.frame(#"{"type":"send","data":2}"#))
            try room.members[1].expectClose(1_000, "left")
            try room.host.expect(#"{"type":"message","from":1,"data":1}"#)
            try room.host.expect(#"{"type":"peer_left","index":1}"#)
            try room.host.expectNothing()
            #expect(
                try relay.answerToJoin(room.code, as: "new")
                    == #"{"type":"joined","room":"\#(room.code)","index":2,"peers":[0]}"#)
            try room.host.expect(#"{"type":"peer_joined","index":2}"#)
        }
    }

    @Test("the host that leaves has its grace time, and its slot is still its own")
    func hostLeaves() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            room.host.send(#"{"type":"leave"}"#)
            try room.host.expectClose(1_000, "left")
            try room.members[1].expect(#"{"type":"peer_left","index":0}"#)
            #expect(
                try relay.answerToJoin(room.code, as: "client-0")
                    == #"{"type":"joined","room":"\#(room.code)","index":0,"peers":[1]}"#)
        }
    }

    @Test("who sits in no room cannot leave it, and stays connected")
    func nothingToLeave() async throws {
        try await withRelay { relay in
            let client = try relay.connect()
            client.send(#"{"type":"leave"}"#)
            try client.expect(#"{"type":"error","message":"Not in a room"}"#)
            try client.create()
            try client.expectNothing()
        }
    }

    @Test("a connection that is taken over says no goodbye for the one that has taken its place")
    func takenOver() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 1)
            let (new, _) = try relay.join(room.code, as: "client-0")
            room.host.leave(code: 1_000)
            try room.host.expectClose(4000, "replaced")
            try new.expectNothing()
            #expect(try relay.get("/room/\(room.code)").status == 200)
        }
    }
}
