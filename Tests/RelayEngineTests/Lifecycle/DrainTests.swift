import RelayEngine
import RelayWire
import Testing

@Suite("Drain", .blocking)
struct DrainTests {
    @Test("a draining relay creates no room, and existing rooms go on until the last one ends", arguments: [1, 4])
    func drain(loops: Int) async throws {
        try await withRelay(loops: loops) {
            // Nobody waits for those who are lost.
            $0.emptyGrace = 0
        } _: { relay in
            var first = try relay.room(members: 1)
            let second = try relay.room(members: 1)
            let early = try relay.connect()
            relay.engine.beginDrain()

            let late = try relay.connect()
            for stranger in [early, late] {
                stranger.send(#"{"type":"create","clientId":"h","maxClients":2}"#)
                try stranger.expect(#"{"type":"error","message":"Server draining"}"#)
            }
            try first.add(late)
            first.host.send(#"{"type":"send","data":1}"#)
            try late.expect(#"{"type":"message","from":0,"data":1}"#)
            #expect(try relay.get("/health").status == 200)

            second.host.socket.close()
            first.host.socket.close()
            try late.expect(#"{"type":"peer_left","index":0}"#)
            late.send(#"{"type":"send","to":1,"data":2}"#)
            try late.expect(#"{"type":"message","from":1,"data":2}"#)
            late.send(.close, [])
            try late.expectClose(nil)
            await relay.engine.drained()
            #expect(relay.engine.statistics().rooms == 0)
        }
    }

    @Test("without a room the drain is over at once")
    func empty() async throws {
        try await withRelay { relay in
            let stranger = try relay.connect()
            relay.engine.beginDrain()
            await relay.engine.drained()
            stranger.send("{}")
            try stranger.expect(#"{"type":"error","message":"Unknown message type"}"#)
        }
    }

    @Test("the drain is not over while a room is left")
    func lastRoom() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 1)
            let isOver = Flag()
            relay.engine.beginDrain()
            let drain = Task {
                await relay.engine.drained()
                isOver.raise()
            }
            try room.host.expectNothing()
            await Task.yield()
            #expect(!isOver.isRaised)
            room.host.send(#"{"type":"close_room"}"#)
            await drain.value
            #expect(isOver.isRaised)
            try room.host.expectClose(4001, "room closed")
        }
    }

    @Test("a relay that stops sends a close frame to every client")
    func stop() async throws {
        var clients: [TestClient] = []
        try await withRelay(loops: 2) { relay in
            let room = try relay.room(members: 3)
            clients = room.members
            // They receive nothing more but their close frames.
            for client in clients { client.answersPings = false }
        }
        for client in clients {
            var heard = try client.hearMessage()
            while case .text = heard { heard = try client.hearMessage() }
            #expect(heard == .close(1012, "service restart"))
        }
    }
}
