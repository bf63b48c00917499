import RelayEngine
import Testing

@Suite("Seats that move by tickets", .blocking)
struct TicketTests {
    private static let invalid = #"{"type":"error","message":"Ticket is not valid","code":"ticket_invalid"}"#

    private func ticket(for slot: Int, by host: TestClient) throws -> String {
        host.send(#"{"type":"ticket","index":\#(slot)}"#)
        let answer = try host.text()
        let pattern = /\{"type":"ticket","index":(\d+),"ticket":"([0-9a-f]{32})"\}/
        let match = try #require(answer.wholeMatch(of: pattern), "\(answer)")
        #expect(match.output.1 == "\(slot)")
        return String(match.output.2)
    }

    private func join(
        _ relay: RunningRelay, _ code: String, as id: String, _ ticket: String, asking: Bool = false
    ) throws -> (client: TestClient, answer: String) {
        try relay.join(code, as: id, fields: #","ticket":"\#(ticket)"\#(asking ? #","v":3"# : "")"#)
    }

    @Test("a ticket gives the slot of somebody who is connected to another client", arguments: [1, 4])
    func connected(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let (host, code) = try relay.createRoom(#""maxClients":3,"v":3"#)
            let (old, _) = try relay.join(code, as: "old")
            let (other, _) = try relay.join(code, as: "other")
            for slot in [1, 2] { try host.expect(#"{"type":"peer_joined","index":\#(slot)}"#) }
            try old.expect(#"{"type":"peer_joined","index":2}"#)
            let ticket = try ticket(for: 1, by: host)
            let (new, answer) = try join(relay, code, as: "new", ticket)
            #expect(answer == #"{"type":"joined","room":"\#(code)","index":1,"peers":[0,2]}"#)
            try old.expectClose(4000, "replaced")
            try host.expect(#"{"type":"peer_replaced","index":1}"#)
            try other.expectNothing()
            // The slot is the new client's for good, and the old one is a stranger.
            let (again, _) = try relay.join(code, as: "new")
            try new.expectClose(4000, "replaced")
            again.sits(at: 1)
            try again.expectNothing()
            #expect(try relay.answerToJoin(code, as: "old") == Refusal.roomFull)
            #expect(try join(relay, code, as: "third", ticket, asking: true).answer == Self.invalid)
        }
    }

    @Test("a ticket gives the slot of somebody who is away, and the place that is held for it")
    func away() async throws {
        try await withRelay { relay in
            let (host, code) = try relay.createRoom(#""maxClients":2,"hold":600,"v":3"#)
            let (old, _) = try relay.join(code, as: "old")
            old.socket.reset()
            try host.expect(#"{"type":"peer_joined","index":1}"#)
            try host.expect(#"{"type":"peer_left","index":1,"reason":"lost","held":true}"#)
            let ticket = try ticket(for: 1, by: host)
            let (new, answer) = try join(relay, code, as: "new", ticket)
            #expect(answer == #"{"type":"joined","room":"\#(code)","index":1,"peers":[0]}"#)
            try host.expect(#"{"type":"peer_joined","index":1,"back":true}"#)
            #expect(try relay.answerToJoin(code, as: "old") == Refusal.roomFull)
            try new.expectNothing()
        }
    }

    @Test("who loads the page with its ticket again comes back to its slot", arguments: [true, false])
    func loadedAgain(isConnected: Bool) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2, maxClients: 2)
            let ticket = try ticket(for: 1, by: room.host)
            let (first, _) = try join(relay, room.code, as: "new", ticket)
            if !isConnected {
                first.socket.close()
                try room.host.expect(#"{"type":"peer_left","index":1}"#)
            }
            let (_, answer) = try join(relay, room.code, as: "new", ticket)
            #expect(answer == #"{"type":"joined","room":"\#(room.code)","index":1,"peers":[0]}"#)
        }
    }

    @Test("a member that gets another slot leaves the one that it had", arguments: [1, 4])
    func moves(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let (host, code) = try relay.createRoom(#""maxClients":3,"v":3"#)
            let (first, _) = try relay.join(code, as: "a")
            let (second, _) = try relay.join(code, as: "b")
            for slot in [1, 2] { try host.expect(#"{"type":"peer_joined","index":\#(slot)}"#) }
            try first.expect(#"{"type":"peer_joined","index":2}"#)
            first.socket.reset()
            try host.expect(#"{"type":"peer_left","index":1,"reason":"lost"}"#)
            try second.expect(#"{"type":"peer_left","index":1}"#)
            // Another takes the free place, so that the room is full.
            let (third, _) = try relay.join(code, as: "c")
            for member in [host, second] { try member.expect(#"{"type":"peer_joined","index":3}"#) }
            let (new, answer) = try join(relay, code, as: "b", try ticket(for: 1, by: host))
            #expect(answer == #"{"type":"joined","room":"\#(code)","index":1,"peers":[0,3]}"#)
            try second.expect(#"{"type":"peer_joined","index":1}"#)
            try second.expectClose(4000, "replaced")
            new.sits(at: 1)
            try new.expectNothing()
            try host.expect(#"{"type":"peer_joined","index":1,"back":true}"#)
            try host.expect(#"{"type":"peer_left","index":2,"reason":"left"}"#)
            #expect(relay.engine.statistics().clients == 3)
            #expect(try relay.answerToJoin(code, as: "a") == Refusal.roomFull)
            try third.expect(#"{"type":"peer_joined","index":1}"#)
        }
    }

    @Test("the host's slot moves, too, and its rights with it")
    func host() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            let (new, _) = try join(relay, room.code, as: "client-9", try ticket(for: 0, by: room.host))
            try room.host.expectClose(4000, "replaced")
            new.sits(at: 0)
            new.send(#"{"type":"lock","locked":true}"#)
            try new.expectNothing()
            #expect(try relay.answerToJoin(room.code, as: "client-0").contains("Room is locked"))
        }
    }

    @Test("a ticket opens a locked room, but not to one who is banned")
    func lockedAndBanned() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 3)
            room.host.send(#"{"type":"lock","locked":true}"#)
            room.host.send(#"{"type":"kick","index":2,"ban":true}"#)
            try room.host.expect(#"{"type":"peer_left","index":2}"#)
            let ticket = try ticket(for: 1, by: room.host)
            #expect(try join(relay, room.code, as: "client-2", ticket).answer.contains("Not allowed"))
            #expect(try join(relay, room.code, as: "new", ticket).answer.contains(#""index":1"#))
        }
    }

    @Test(
        "what is no ticket is refused",
        arguments: [#""""#, #""x""#, "7", "[]", "true", "\"\(String(repeating: "0", count: 32))\"", #""TICKET0""#])
    func invalid(ticket text: String) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            let ticket = try ticket(for: 1, by: room.host)
            let (_, answer) = try relay.join(
                room.code, as: "new", fields: #","v":3,"ticket":\#(text.replacing("TICKET", with: ticket))"#)
            #expect(answer == #"{"type":"error","message":"Ticket is not valid","code":"ticket_invalid"}"#)
            // Only a slot that there is can have one.
            room.host.send(#"{"type":"ticket","index":2}"#)
            try room.host.expect(#"{"type":"error","message":"Target peer not found"}"#)
            try room.members[1].expectNothing()
        }
    }

    @Test(
        "to who does not ask for more, a field that is no good ticket means nothing",
        arguments: [#""x""#, "7", "\"\(String(repeating: "0", count: 32))\""])
    func notAsked(ticket: String) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            let (_, answer) = try relay.join(room.code, as: "client-2", fields: #","ticket":\#(ticket)"#)
            #expect(answer == #"{"type":"joined","room":"\#(room.code)","index":2,"peers":[0,1]}"#)
        }
    }

    @Test("many tickets may be good for one slot, and each is good once")
    func several() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            let tickets = try (0..<3).map { _ in try ticket(for: 1, by: room.host) }
            #expect(Set(tickets).count == 3)
            for (number, ticket) in tickets.enumerated() {
                #expect(try join(relay, room.code, as: "new \(number)", ticket).answer.contains(#""index":1"#))
                let late = try join(relay, room.code, as: "late \(number)", ticket, asking: true)
                #expect(late.answer == Self.invalid)
            }
        }
    }
}
