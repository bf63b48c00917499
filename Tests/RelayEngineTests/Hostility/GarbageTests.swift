import RelayEngine
import RelayWire
import TestSupport
import Testing

@Suite("Hostile clients", .blocking)
struct GarbageTests {
    private static let upgrade = Array(TestClient.request("/", headers: TestClient.upgradeFields).utf8)

    /// The inputs of hostile clients: random bytes, malformed heads, extreme messages, and odd frames after an upgrade.
    private static func garbage(_ random: inout SeededGenerator) -> [[UInt8]] {
        let deep = String(repeating: "[", count: 200_000)
        let objects = String(repeating: #"{"a":"#, count: 50_000)
        let escapes = #"{"type":""# + String(repeating: "\\", count: 9_999)
        let heads = [
            String(repeating: "GET / HTTP/1.1\r\n", count: 2_000),
            "GET /" + String(repeating: "%2F", count: 4_000) + " HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\n" + String(repeating: "a:\r\n", count: 3_000),
            TestClient.request("/", headers: ["Content-Length: 99999999999999999999999"]),
        ]
        let messages = [deep, #"{"type":"send","data":"# + deep, objects, escapes].map { TestClient.frame($0) }
        let frames =
            messages + [
                random.bytes(100), random.bytes(40_000), upgrade, TestClient.frame(.binary, random.bytes(5_000)),
                [0x81, 0xFF, 0, 0, 0, 0, 0, 0x1F, 0xFF, 0xFF],
                (0..<1_500).flatMap { _ in TestClient.frame(.ping, []) },
                (0..<1_500).flatMap { TestClient.frame($0 == 0 ? .text : .continuation, [], isFinal: false) },
            ]
        let hello: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xFC, 0x03, 0x03]
        let bytes = [
            [], random.bytes(1), random.bytes(100), random.bytes(40_000), hello + random.bytes(300),
            [UInt8](repeating: 0, count: 20_000), [UInt8](repeating: 0x0A, count: 20_000),
        ]
        return bytes + heads.map { Array($0.utf8) } + frames.map { upgrade + $0 }
    }

    enum Leaving: CaseIterable {
        case close
        case reset
        case halfClose
        case stay
    }

    @Test(
        "whatever hostile clients send, and however they leave, a room plays on", arguments: [1, 2], Leaving.allCases)
    func garbage(loops: Int, leaving: Leaving) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 2)
            var random = SeededGenerator(seed: UInt64(loops))
            var strangers: [TestClient] = []
            for bytes in Self.garbage(&random) {
                let stranger = try relay.dial()
                stranger.write(bytes)
                switch leaving {
                case .close: stranger.socket.close()
                case .reset: stranger.socket.reset()
                case .halfClose: stranger.socket.finishWriting()
                case .stay: break
                }
                strangers.append(stranger)
                room.host.send(#"{"type":"send","data":\#(strangers.count)}"#)
                try room.members[1].expect(#"{"type":"message","from":0,"data":\#(strangers.count)}"#)
            }
            #expect(try relay.get("/room/\(room.code)").body.hasPrefix(#"{"clients":2,"#))
        }
    }

    @Test("a member whose frames are damaged at random breaks only its own connection", arguments: 0..<20)
    func damaged(seed: UInt64) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            var random = SeededGenerator(seed: seed)
            var bytes = (0..<20).flatMap { TestClient.frame(#"{"type":"send","data":{"n":[\#($0),"é"]}}"#) }
            for _ in 0..<3 {
                let index = Int.random(in: bytes.indices, using: &random)
                bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            room.members[1].write(bytes)
            room.members[1].socket.finishWriting()
            var heard = try room.host.text()
            while heard.hasPrefix(#"{"type":"message","from":1,"#) { heard = try room.host.text() }
            #expect(heard == #"{"type":"peer_left","index":1}"#)
            try room.host.expectNothing()
        }
    }

    @Test("crowds that connect, join and vanish leave nothing behind", arguments: [1, 2, 4])
    func vanishing(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let host = try relay.connect()
            let code = try host.create(maxClients: 1_000)
            for index in 0..<200 {
                let client = try relay.dial()
                let target = index % 3 == 0 ? code : "111111"
                client.write(
                    Array(TestClient.request("/\(target)", headers: TestClient.upgradeFields).utf8)
                        + TestClient.frame(#"{"type":"join","clientId":"x\#(index)","room":"\#(code)"}"#))
                switch index % 4 {
                case 0: client.socket.reset()
                case 1: client.socket.close()
                default:
                    #expect(try client.reply().status == 101)
                    #expect(try client.text().hasPrefix(#"{"type":"joined","#))
                    index % 4 == 2 ? client.socket.reset() : client.socket.close()
                }
            }
            // Two messages about each client that got in; only the host gets the last one.
            var connected: Set<Substring> = []
            var seen = 0
            while seen < 100 || !connected.isEmpty {
                let text = try host.text()
                let slot = text.drop { !$0.isNumber }
                if text.hasPrefix(#"{"type":"peer_joined","#) {
                    #expect(connected.insert(slot).inserted)
                    seen += 1
                } else {
                    #expect(connected.remove(slot) != nil)
                }
            }
            #expect(try relay.get("/room/\(code)").body.hasPrefix(#"{"clients":"#))
            #expect(relay.engine.statistics().rooms == 1)
        }
    }

    @Test("one connection that floods does not silence a room", arguments: [true, false])
    func flood(isWebSocket: Bool) async throws {
        try await withRelay {
            $0.transport.messagesPerSecond = 0
        } _: { relay in
            let room = try relay.room(members: 2)
            let create = TestClient.frame(#"{"type":"create","clientId":"h","maxClients":1}"#)
            let flood = Flood(
                opening: isWebSocket ? Self.upgrade + create : [],
                repeated: isWebSocket
                    ? (0..<1_000).flatMap { _ in TestClient.frame(#"{"type":"send"}"#) }
                    : Array(String(repeating: TestClient.request("/health"), count: 200).utf8))
            flood.start(port: relay.port)
            defer { flood.stop() }
            var echoes = 0
            while flood.bytesWritten < 2 << 20 || echoes < 50 {
                room.host.send(#"{"type":"send","data":\#(echoes)}"#)
                try room.members[1].expect(#"{"type":"message","from":0,"data":\#(echoes)}"#)
                echoes += 1
            }
        }
    }
}
