import RelayEngine
import RelayWire
import Testing

@Suite("Limits on messages", .blocking)
struct MessageLimitTests {
    private static func message(bytes: Int) -> [UInt8] {
        let frame = #"{"type":"send","to":0,"data":""}"#
        return Array(
            #"{"type":"send","to":0,"data":"\#(String(repeating: "x", count: bytes - frame.utf8.count))"}"#.utf8)
    }

    @Test("a message of exactly the largest size is relayed, whole or in fragments", arguments: [1, 3])
    func largest(fragments: Int) async throws {
        try await withRelay {
            $0.transport.maxMessageBytes = 4_096
        } _: { relay in
            let room = try relay.room(members: 1)
            let message = Self.message(bytes: 4_096)
            for index in 0..<fragments {
                let part = message[(index * 4_096 / fragments)..<((index + 1) * 4_096 / fragments)]
                room.host.send(index == 0 ? .text : .continuation, Array(part), isFinal: index == fragments - 1)
            }
            #expect(
                try room.host.text().utf8.count == 4_096 - 32 + #"{"type":"message","from":0,"data":""}"#.utf8.count)
            #expect(relay.timesExceeded(.messageBytes) == 0)
        }
    }

    @Test("a larger message is refused with 1009 as soon as its size is known, and the room is told")
    func tooLarge() async throws {
        try await withRelay {
            $0.transport.maxMessageBytes = 4_096
        } _: { relay in
            let room = try relay.room(members: 2)
            room.members[1].write(Array(TestClient.frame(.text, Self.message(bytes: 4_097))[..<8]))
            try room.members[1].expectClose(1009, "message too big")
            try room.host.expect(#"{"type":"peer_left","index":1}"#)
            #expect(relay.timesExceeded(.messageBytes) == 1)
        }
    }

    @Test("fragments count together")
    func tooLargeInFragments() async throws {
        try await withRelay {
            $0.transport.maxMessageBytes = 4_096
        } _: { relay in
            let room = try relay.room(members: 1)
            room.host.send(.text, [UInt8](repeating: 0x20, count: 4_000), isFinal: false)
            room.host.send(.ping, [1])
            #expect(try room.host.hear() == .pong([1]))
            room.host.send(.continuation, [UInt8](repeating: 0x20, count: 97), isFinal: false)
            try room.host.expectClose(1009, "message too big")
            #expect(relay.timesExceeded(.messageBytes) == 1)
        }
    }

    @Test("a burst far above the rate is delivered completely and in order, only later", arguments: [1, 2])
    func rate(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.transport.messagesPerSecond = 100
        } _: { relay in
            let room = try relay.room(members: 2)
            var burst: [UInt8] = []
            for number in 0..<400 { burst += TestClient.frame(#"{"type":"send","data":\#(number)}"#) }
            let began = ContinuousClock.now
            room.host.write(burst)
            // Not even a close frame overtakes messages sent before.
            room.host.socket.finishWriting()
            for number in 0..<400 {
                try room.members[1].expect(#"{"type":"message","from":0,"data":\#(number)}"#)
            }
            // 200 at once, the others at 100 a second; the bound leaves room for an imprecise timer.
            #expect(ContinuousClock.now - began > .seconds(1))
            try room.members[1].expect(#"{"type":"peer_left","index":0}"#)
            #expect(relay.timesExceeded(.messagesPerSecond) > 0)
        }
    }

    @Test("requests far above the rate are all answered, even if that takes longer than one request may")
    func requestRate() async throws {
        try await withRelay {
            $0.transport.messagesPerSecond = 40
            $0.transport.handshakeTimeout = 1
        } _: { relay in
            let client = try relay.dial()
            // 80 at once, the others in two seconds.
            client.write(String(repeating: TestClient.request("/health"), count: 160))
            for _ in 0..<160 { #expect(try client.reply().body == #"{"status":"ok"}"#) }
            #expect(relay.timesExceeded(.messagesPerSecond) > 0)
            #expect(relay.timesExceeded(.handshakeTimeout) == 0)
        }
    }

    @Test("a client id of exactly the largest size in bytes is accepted, one byte more is not, in create and join")
    func clientIDBytes() async throws {
        try await withRelay(loops: 2) { relay in
            let host = try relay.connect()
            let code = try host.create(clientID: String(repeating: "é", count: 128))
            let guest = try relay.connect()
            try guest.join(code, clientID: String(repeating: "x", count: 257))
            try guest.expect(#"{"type":"error","message":"clientId is too long"}"#)
            try guest.join("111111", clientID: String(repeating: "x", count: 257))
            try guest.expect(#"{"type":"error","message":"clientId is too long"}"#)
            try guest.join(code, clientID: String(repeating: "x", count: 256))
            try guest.expect(#"{"type":"joined","room":"\#(code)","index":1,"peers":[0]}"#)
            #expect(relay.timesExceeded(.clientIDBytes) == 2)
        }
    }
}
