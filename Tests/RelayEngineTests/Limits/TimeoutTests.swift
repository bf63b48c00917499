import RelayEngine
import RelayWire
import Testing

@Suite("Limits in time", .blocking)
struct TimeoutTests {
    @Test("a connection without a room is closed with 4002; an idle member never is", arguments: [1, 2])
    func join(loops: Int) async throws {
        try await withRelay(loops: loops) {
            // Long enough for the members to join on any machine.
            $0.joinTimeout = 3
        } _: { relay in
            let room = try relay.room(members: 2)
            let stranger = try relay.connect()
            stranger.send(#"{"type":"join","clientId":"c","room":"111111"}"#)
            try stranger.expect(#"{"type":"error","message":"Room not found"}"#)
            try stranger.expectClose(4002, "no room")
            #expect(relay.timesExceeded(.joinTimeout) == 1)
            // The members connected first, so their time would have run out first.
            for (slot, member) in room.members.enumerated() {
                member.sits(at: slot)
                try member.expectNothing()
            }
        }
    }

    @Test(
        "a request that is not finished in time ends the connection",
        arguments: ["", "G", "GET / HTTP/1.1\r\nHost: x\r\n", "GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET"])
    func handshake(start: String) async throws {
        try await withRelay {
            // Longer where a request has to be answered before.
            $0.transport.handshakeTimeout = start.hasSuffix("GET") ? 3 : 1
        } _: { relay in
            let client = try relay.dial()
            client.write(start)
            if start.hasSuffix("GET") { #expect(try client.reply().status == 200) }
            try client.expectEnd()
            #expect(relay.timesExceeded(.handshakeTimeout) == 1)
        }
    }

    @Test(
        "a client that sends its request byte by byte has no more time than others, also for a later request",
        arguments: [0, 1])
    func slowLoris(earlierRequests: Int) async throws {
        try await withRelay {
            $0.transport.handshakeTimeout = earlierRequests == 0 ? 1 : 3
        } _: { relay in
            let client = try relay.dial()
            for _ in 0..<earlierRequests {
                client.sendRequest("/health")
                #expect(try client.reply().status == 200)
            }
            client.write("GET / HTTP/1.1\r\nHost: x\r\nX: ")
            // Ten seconds of bytes, should the relay take them.
            let bytes = (0..<100).prefix { _ in
                client.write("x")
                return !client.socket.hasNews(within: 100)
            }
            #expect(bytes.count < 100)
            try client.expectEnd()
            #expect(relay.timesExceeded(.handshakeTimeout) == 1)
        }
    }

    @Test("a head over 16 KiB gets 431, in one piece or in many", arguments: [1, 5])
    func head(pieces: Int) async throws {
        try await withRelay { relay in
            let fits = TestClient.request(
                "/health", headers: (0..<15).map { "X-\($0): \(String(repeating: "x", count: 1_000))" })
            let client = try relay.dial()
            client.write(fits)
            #expect(try client.reply().status == 200)
            let tooLong = try relay.dial()
            tooLong.write("GET /health HTTP/1.1\r\nHost: x\r\nX: ")
            for _ in 0..<pieces { tooLong.write(String(repeating: "x", count: 17_000 / pieces)) }
            let reply = try tooLong.reply()
            #expect(reply.status == 431)
            #expect(reply.allowsEveryOrigin)
            try tooLong.expectEnd()
            #expect(relay.timesExceeded(.requestHeadBytes) == 1)
        }
    }

    @Test("a client that answers no ping is dropped, and its room is told; one that does stays", arguments: [1, 2])
    func idle(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.transport.idleTimeout = 4
        } _: { relay in
            let room = try relay.room(members: 2)
            room.members[1].answersPings = false
            var heard = try room.host.hear("a ping")
            while heard == .ping([]) { heard = try room.host.hear("the other's end") }
            #expect(heard == .text(#"{"type":"peer_left","index":1}"#))
            #expect(room.host.pongsSent > 0)
            #expect(relay.engine.statistics().idleDrops == 1)
            // Long enough that silence would have ended it too.
            let pongs = room.host.pongsSent
            while room.host.pongsSent < pongs + 2 { try #require(try room.host.hear("a ping") == .ping([])) }
            try room.host.expectNothing()
            #expect(relay.engine.statistics().idleDrops == 1)
        }
    }

    @Test("every byte from a client counts as a sign of life")
    func talking() async throws {
        try await withRelay {
            $0.transport.idleTimeout = 4
        } _: { relay in
            let room = try relay.room(members: 2)
            let (talker, silent) = (room.host, room.members[1])
            talker.answersPings = false
            silent.answersPings = false
            // The silent client's end serves as the clock; the other answers each ping with a message, not with a pong.
            var owed = 0
            var isAlone = false
            while !isAlone || owed > 0 {
                switch try talker.hear("peer_left") {
                case .ping:
                    talker.send(#"{"type":"send","to":0}"#)
                    owed += 1
                case .text(#"{"type":"message","from":0}"#):
                    owed -= 1
                case let heard:
                    try #require(heard == .text(#"{"type":"peer_left","index":1}"#))
                    isAlone = true
                }
            }
            try talker.expectNothing()
        }
    }
}
