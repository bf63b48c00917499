import RelayEngine
import RelayWire
import Testing

@Suite("Upgrades", .blocking)
struct UpgradeTests {
    private static let upgrade = TestClient.request("/", headers: TestClient.upgradeFields)
    private static let create = TestClient.frame(#"{"type":"create","clientId":"h","maxClients":2}"#)
    private static let echo = TestClient.frame(#"{"type":"send","to":0,"data":"behind"}"#)

    private func expectRoom(_ client: TestClient) throws {
        let reply = try client.reply()
        #expect(reply.status == 101)
        #expect(reply["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
        #expect(reply["Upgrade"] == "websocket")
        #expect(reply["Connection"] == "Upgrade")
        #expect(reply["Content-Length"] == nil)
        #expect(reply.allowsEveryOrigin)
        #expect(try client.text().hasPrefix(#"{"type":"created","#))
        try client.expect(#"{"type":"message","from":0,"data":"behind"}"#)
    }

    @Test("an upgrade is answered as the RFC says, and frames in the same segment are not lost", arguments: [1, 2, 4])
    func sameSegment(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let client = try relay.dial()
            client.write(Array(Self.upgrade.utf8) + Self.create + Self.echo)
            try expectRoom(client)
        }
    }

    @Test("frames are not lost wherever the segments end")
    func anySegments() async throws {
        let bytes = Array(Self.upgrade.utf8) + Self.create + Self.echo
        try await withRelay(loops: 2) { relay in
            for cut in stride(from: 1, to: bytes.count, by: 5) {
                let client = try relay.dial()
                client.write(Array(bytes[..<cut]))
                // Answers to another client show that the relay has had time to read the first part.
                #expect(try relay.get("/health").status == 200)
                client.write(Array(bytes[cut...]))
                try expectRoom(client)
            }
            let slow = try relay.dial()
            for byte in bytes { slow.write([byte]) }
            try expectRoom(slow)
        }
    }

    @Test(
        "a connection may upgrade after plain requests, also to a room of another loop",
        arguments: [1, 2, 4])
    func afterPlainRequests(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 1)
            for slot in 1...4 {
                let client = try relay.dial()
                client.write(
                    Array(
                        (TestClient.request("/health") + TestClient.request("/room/\(room.code)")
                            + TestClient.request("/\(room.code)", headers: TestClient.upgradeFields)).utf8)
                        + TestClient.frame(#"{"type":"join","clientId":"c\#(slot)","room":"\#(room.code)"}"#)
                        + TestClient.frame(#"{"type":"send","to":\#(slot),"data":"behind"}"#))
                #expect(try client.reply().body == #"{"status":"ok"}"#)
                #expect(try client.reply().body.hasPrefix(#"{"clients":1,"#))
                #expect(try client.reply().status == 101)
                #expect(try client.text().hasPrefix(#"{"type":"joined","room":"\#(room.code)","index":\#(slot),"#))
                try client.expect(#"{"type":"message","from":\#(slot),"data":"behind"}"#)
                try room.host.expect(#"{"type":"peer_joined","index":\#(slot)}"#)
                client.socket.close()
                try room.host.expect(#"{"type":"peer_left","index":\#(slot)}"#)
            }
        }
    }

    struct BadUpgrade: Sendable, CustomTestStringConvertible {
        let fields: [String]
        let status: Int

        var testDescription: String { "\(status): \(fields.joined(separator: ", "))" }
    }

    @Test(
        "a bad upgrade is always answered as the RFC says",
        arguments: [
            BadUpgrade(fields: TestClient.upgradeFields.filter { !$0.contains("Key") }, status: 400),
            BadUpgrade(fields: TestClient.upgradeFields.filter { !$0.contains("Version") }, status: 400),
            BadUpgrade(fields: TestClient.upgradeFields + ["Sec-WebSocket-Version: 8"], status: 400),
            BadUpgrade(fields: TestClient.upgradeFields + ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="], status: 400),
            BadUpgrade(fields: TestClient.upgradeFields + ["Content-Length: 3"], status: 400),
            BadUpgrade(fields: changed("Version", to: "12"), status: 426),
            BadUpgrade(fields: changed("Version", to: "13, 8"), status: 426),
            BadUpgrade(fields: changed("Key", to: "short"), status: 400),
            BadUpgrade(fields: changed("Key", to: "dGhlIHNhbXBsZSBub25jZQ="), status: 400),
            BadUpgrade(fields: changed("Key", to: "dGhlIHNhbXBsZSBub25jZS1sb25n"), status: 400),
        ])
    func bad(upgrade: BadUpgrade) async throws {
        try await withRelay { relay in
            let reply = try relay.get("/", headers: upgrade.fields)
            #expect(reply.status == upgrade.status)
            #expect(reply["Sec-WebSocket-Version"] == (upgrade.status == 426 ? "13" : nil))
            #expect(reply["Upgrade"] == (upgrade.status == 426 ? "websocket" : nil))
            #expect(reply.allowsEveryOrigin)
            #expect(relay.engine.statistics().webSockets == 0)
        }
    }

    private static func changed(_ name: String, to value: String) -> [String] {
        TestClient.upgradeFields.map { $0.contains("-\(name): ") ? "Sec-WebSocket-\(name): \(value)" : $0 }
    }

    @Test("the first offered subprotocol is chosen, and no extension")
    func subprotocol() async throws {
        try await withRelay { relay in
            let reply = try relay.get(
                "/",
                headers: TestClient.upgradeFields + [
                    "Sec-WebSocket-Protocol: party, other", "Sec-WebSocket-Extensions: permessage-deflate",
                ])
            #expect(reply.status == 101)
            #expect(reply["Sec-WebSocket-Protocol"] == "party")
            #expect(reply["Sec-WebSocket-Extensions"] == nil)
        }
    }
}
