import RelayEngine
import RelayWire
import Testing

@Suite("Bursts", .blocking)
struct BurstTests {
    @Test("a burst to a large room reaches all of it, and a small room plays on meanwhile", arguments: [1, 2])
    func largeRoom(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.transport.messagesPerSecond = 0
        } _: { relay in
            let host = try relay.connect()
            let code = try host.create(maxClients: 1_000)
            let members = try (1..<150).map { slot in
                let member = try relay.connect()
                try member.join(code, clientID: "client-\(slot)")
                #expect(try member.text().hasPrefix(#"{"type":"joined","#))
                return member
            }
            let pair = try relay.room(members: 2)
            host.write((0..<60).flatMap { TestClient.frame(#"{"type":"send","data":\#($0)}"#) })
            for number in 0..<20 {
                pair.host.send(#"{"type":"send","data":\#(number)}"#)
                try pair.members[1].expect(#"{"type":"message","from":0,"data":\#(number)}"#)
            }
            for member in members {
                var heard = try member.text()
                while heard.hasPrefix(#"{"type":"peer_joined","#) { heard = try member.text() }
                for number in 0..<60 {
                    guard heard == #"{"type":"message","from":0,"data":\#(number)}"# else {
                        throw Unexpected(heard: .text(heard), insteadOf: "message \(number)")
                    }
                    if number < 59 { heard = try member.text() }
                }
                try member.expectNothing()
            }
        }
    }

    @Test(
        "a message with a reset right behind it still arrives, and the room is told of the end", arguments: [1, 30])
    func messageAndReset(messages: Int) async throws {
        try await withRelay { relay in
            var room = try relay.room(members: 1)
            for _ in 0..<20 {
                // The same client each time, so it gets the same slot.
                try room.add(try relay.connect())
                let member = room.members.removeLast()
                member.write((0..<messages).flatMap { TestClient.frame(#"{"type":"send","to":0,"data":\#($0)}"#) })
                member.socket.reset()
                for number in 0..<messages {
                    try room.host.expect(#"{"type":"message","from":1,"data":\#(number)}"#)
                }
                try room.host.expect(#"{"type":"peer_left","index":1}"#)
            }
        }
    }
}
