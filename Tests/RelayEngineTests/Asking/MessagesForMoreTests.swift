import RelayEngine
import Testing

@Suite("Messages that only some clients know", .blocking)
struct MessagesForMoreTests {
    private static let unknown = #"{"type":"error","message":"Unknown message type"}"#
    private static let noTarget = #"{"type":"error","message":"Target peer not found"}"#

    // MARK: ping

    @Test(
        "a ping is answered with its t as it was sent, to anybody at any time",
        arguments: [
            #""t":1"#, #""t":12345678901234567890.50"#, #""t":null"#, #""t":"\u0041é""#, #""t":{"a": [1 , 2]}"#, "",
            #""t":1,"t":2"#,
        ])
    func ping(field: String) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            let stranger = try relay.connect()
            let echo =
                field.split(separator: #","t""#).last.map { $0.hasPrefix(":") ? #""t"\#($0)"# : String($0) } ?? ""
            for client in [stranger, room.host, room.members[1]] {
                client.send(#"{"type":"ping"\#(field.isEmpty ? "" : ",")\#(field)}"#)
                try client.expect(#"{"type":"pong"\#(echo.isEmpty ? "" : ",")\#(echo)}"#)
            }
            try room.host.expectNothing()
        }
    }

    @Test("a client moves to its room's loop with large answers unread, and no loop's account keeps them")
    func unreadAnswers() async throws {
        try await withRelay(loops: 2) { relay in
            let rooms = try (0..<2).map { _ in try relay.room(members: 1) }
            let text = String(repeating: "x", count: 200_000)
            for room in rooms + rooms {
                let client = try relay.connect(receiveBuffer: 4 << 10)
                for _ in 0..<4 { client.send(#"{"type":"ping","t":"\#(text)"}"#) }
                try client.join(room.code, clientID: "guest")
                try room.host.expect(#"{"type":"peer_joined","index":1}"#)
                client.socket.reset()
                try room.host.expect(#"{"type":"peer_left","index":1}"#)
            }
            relay.eventually("nothing is held") { relay.engine.statistics().bufferedBytes == 0 }
        }
    }

    // MARK: Lists of recipients

    /// A room of five, whose member 1 asks for more.
    private func room(_ relay: RunningRelay) throws -> TestRoom {
        var room = try relay.room(members: 1)
        for slot in 1..<5 {
            let (client, _) = try relay.join(room.code, as: "client-\(slot)", fields: slot == 1 ? #","v":3"# : "")
            for member in room.members { try member.expect(#"{"type":"peer_joined","index":\#(slot)}"#) }
            room.members.append(client)
        }
        return room
    }

    @Test(
        "a message to a list goes once to each of its slots that is connected",
        arguments: [
            ("[0]", [0]), ("[0,2]", [0, 2]), (" [ 4 , 2 , 0 ] ", [0, 2, 4]), ("[2,2,2]", [2]), ("[1,2]", [1, 2]),
            ("[3,99,2]", [2]), ("[1e0,4.0]", [1, 4]), ("[0,1,2,3,4]", [0, 1, 2, 4]),
            ("[9223372036854775807,0]", [0]),
        ], [10, 20_000])
    func list(list: (to: String, slots: [Int]), bytes: Int) async throws {
        try await withRelay(loops: 2) { relay in
            let room = try room(relay)
            // Slot 3 has no connection.
            room.members[3].socket.close()
            for slot in [0, 1, 2, 4] {
                let reason = slot == 1 ? #","reason":"lost""# : ""
                try room.members[slot].expect(#"{"type":"peer_left","index":3\#(reason)}"#)
            }
            let data = String(repeating: "x", count: bytes)
            room.members[1].send(#"{"type":"send","to":\#(list.to),"data":"\#(data)"}"#)
            for slot in list.slots {
                try room.members[slot].expect(#"{"type":"message","from":1,"data":"\#(data)"}"#)
            }
            for slot in [0, 1, 2, 4] { try room.members[slot].expectNothing() }
        }
    }

    @Test(
        "a list without a connected slot, or with something else in it, has no target",
        arguments: [
            "[]", "[ ]", "[7]", "[-1]", "[0.5]", #"["0"]"#, "[[0]]", "[null]", "[0,null]", "[0,{}]", "[true,0]",
            "[0,1e99999]",
        ])
    func noTarget(list: String) async throws {
        try await withRelay { relay in
            let room = try room(relay)
            room.members[1].send(#"{"type":"send","to":\#(list),"data":1}"#)
            try room.members[1].expect(
                #"{"type":"error","message":"Target peer not found","code":"target_not_found"}"#)
            try room.host.expectNothing()
        }
    }

    @Test("for who does not ask, a list is no slot", arguments: ["[0]", "[1,2]", "[]"])
    func notAsked(list: String) async throws {
        try await withRelay { relay in
            let room = try room(relay)
            room.members[2].send(#"{"type":"send","to":\#(list),"data":1}"#)
            try room.members[2].expect(Self.noTarget)
            try room.host.expectNothing()
        }
    }

    @Test("a list of a hundred thousand slots is answered like any other")
    func longList() async throws {
        try await withRelay { relay in
            let room = try room(relay)
            let list = (0..<100_000).map { "\($0 % 7)" }.joined(separator: ",")
            room.members[1].send(#"{"type":"send","to":[\#(list)],"data":1}"#)
            for member in room.members { try member.expect(#"{"type":"message","from":1,"data":1}"#) }
            try room.host.expectNothing()
        }
    }

    // MARK: The host's rights, for guests

    static let rights = [
        (#"{"type":"kick","index":0}"#, #"Only the host can kick","code":"only_host_can_kick"#),
        (#"{"type":"lock","locked":true}"#, #"Only the host can lock","code":"only_host_can_lock"#),
        (
            #"{"type":"ticket","index":0}"#,
            #"Only the host can issue tickets","code":"only_host_can_issue_tickets"#
        ),
    ]

    @Test(
        "a guest has none of the host's rights, and who does not ask gets the text that it always got",
        arguments: rights)
    func guests(message: String, error: String) async throws {
        try await withRelay { relay in
            let room = try room(relay)
            room.members[1].send(message)
            try room.members[1].expect(#"{"type":"error","message":"\#(error)"}"#)
            room.members[2].send(message)
            try room.members[2].expect(Self.unknown)
            let stranger = try relay.connect()
            stranger.send(message)
            try stranger.expect(#"{"type":"error","message":"Not in a room"}"#)
            stranger.send(#"{"type":"join","clientId":"c","room":"111111","v":3}"#)
            #expect(try stranger.text().contains("room_not_found"))
            stranger.send(message)
            try stranger.expect(#"{"type":"error","message":"Not in a room","code":"not_in_room"}"#)
            for member in room.members { try member.expectNothing() }
        }
    }
}
