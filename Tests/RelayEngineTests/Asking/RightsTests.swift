import RelayEngine
import Testing

@Suite("The host's rights", .blocking)
struct RightsTests {
    private static func body(_ code: String, _ relay: RunningRelay) throws -> String {
        try relay.get("/room/\(code)").body
    }

    @Test("a member that is kicked is closed, and comes back unless it is banned", arguments: [1, 4], [false, true])
    func kick(loops: Int, isBan: Bool) async throws {
        try await withRelay(loops: loops) { relay in
            let (host, code) = try relay.createRoom(#""maxClients":3,"hold":600,"v":3"#)
            let (guest, _) = try relay.join(code, as: "client-1")
            let (other, _) = try relay.join(code, as: "client-2")
            for slot in [1, 2] { try host.expect(#"{"type":"peer_joined","index":\#(slot)}"#) }
            try guest.expect(#"{"type":"peer_joined","index":2}"#)
            host.send(#"{"type":"kick","index":1\#(isBan ? #","ban":true"# : #","ban":false"#)}"#)
            try guest.expectClose(4003, "kicked")
            try other.expect(#"{"type":"peer_left","index":1}"#)
            // No place is kept for it.
            try host.expect(#"{"type":"peer_left","index":1,"reason":"kicked"}"#)
            #expect(try Self.body(code, relay) == #"{"clients":2,"maxClients":3,"origin":"unknown"}"#)
            let (_, answer) = try relay.join(code, as: "client-1")
            #expect(
                answer
                    == (isBan
                        ? #"{"type":"error","message":"Not allowed"}"#
                        : #"{"type":"joined","room":"\#(code)","index":1,"peers":[0,2]}"#))
            let (_, coded) = try relay.join(code, as: "client-1", fields: #","v":3"#)
            #expect(coded.contains(#""code":"not_allowed""#) == isBan)
            #expect(relay.timesExceeded(.takeovers) == 0)
        }
    }

    @Test("one who is away loses its place, and with a ban its slot")
    func away() async throws {
        try await withRelay { relay in
            let (host, code) = try relay.createRoom(#""maxClients":2,"hold":600"#)
            let (guest, _) = try relay.join(code, as: "client-1")
            guest.socket.reset()
            try host.expect(#"{"type":"peer_joined","index":1}"#)
            try host.expect(#"{"type":"peer_left","index":1}"#)
            host.send(#"{"type":"kick","index":1}"#)
            try host.expectNothing()
            #expect(try Self.body(code, relay) == #"{"clients":1,"maxClients":2,"origin":"unknown"}"#)
            // Now it has no place that could be taken from it.
            host.send(#"{"type":"kick","index":1}"#)
            try host.expect(#"{"type":"error","message":"Target peer not found"}"#)
            host.send(#"{"type":"kick","index":1,"ban":true}"#)
            try host.expectNothing()
            #expect(try relay.answerToJoin(code, as: "client-1") == #"{"type":"error","message":"Not allowed"}"#)
        }
    }

    @Test(
        "a kick names a slot that there is",
        arguments: ["", #","index":7"#, #","index":-1"#, #","index":"1""#, #","index":null"#, #","index":[1]"#])
    func subjects(field: String) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            room.host.send(#"{"type":"kick"\#(field)}"#)
            try room.host.expect(#"{"type":"error","message":"Target peer not found"}"#)
            room.host.send(#"{"type":"kick","index":1,"ban":"yes"}"#)
            try room.host.expect(#"{"type":"error","message":"ban must be true or false"}"#)
            try room.members[1].expectNothing()
        }
    }

    @Test("a host that kicks itself goes like any other member, and its room with the last one")
    func oneself() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 1)
            room.host.send(#"{"type":"kick","index":0}"#)
            try room.host.expectClose(4003, "kicked")
            #expect(try relay.get("/room/\(room.code)").status == 404)
            #expect(relay.engine.statistics().dormantRooms == 0)
        }
    }

    @Test("into a locked room comes who has a slot, and nobody else", arguments: [1, 4])
    func lock(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 2, maxClients: 4)
            room.members[1].socket.close()
            try room.host.expect(#"{"type":"peer_left","index":1}"#)
            room.host.send(#"{"type":"lock","locked":true}"#)
            try room.host.expectNothing()
            #expect(
                try Self.body(room.code, relay)
                    == #"{"clients":1,"maxClients":4,"origin":"unknown","locked":true}"#)
            #expect(try relay.answerToJoin(room.code, as: "new") == #"{"type":"error","message":"Room is locked"}"#)
            #expect(
                try relay.join(room.code, as: "new", fields: #","v":3"#).answer
                    == #"{"type":"error","message":"Room is locked","code":"room_locked"}"#)
            let (back, answer) = try relay.join(room.code, as: "client-1")
            #expect(answer.contains(#""index":1"#))
            try room.host.expect(#"{"type":"peer_joined","index":1}"#)
            room.host.send(#"{"type":"lock","locked":false}"#)
            try room.host.expectNothing()
            #expect(try !Self.body(room.code, relay).contains("locked"))
            #expect(try relay.answerToJoin(room.code, as: "new").contains(#""index":2"#))
            try back.expect(#"{"type":"peer_joined","index":2}"#)
        }
    }

    @Test("a lock says whether it is one", arguments: ["", #","locked":1"#, #","locked":"true""#, #","locked":null"#])
    func lockField(field: String) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 1)
            room.host.send(#"{"type":"lock"\#(field)}"#)
            try room.host.expect(#"{"type":"error","message":"locked must be true or false"}"#)
            #expect(try !Self.body(room.code, relay).contains("locked"))
        }
    }
}
