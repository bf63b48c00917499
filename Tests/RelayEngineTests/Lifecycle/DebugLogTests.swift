import Foundation
import Glibc
import RelayWire
import Testing

@Suite("The debug log", .blocking)
struct DebugLogTests {
    // A client here answers pings only while its test reads from it, so silence means nothing.
    private static let environment = [
        "PORT": "0", "HOST": "127.0.0.1", "RELAY_THREADS": "2", "IDLE_TIMEOUT_SECONDS": "0",
    ]
    private static let secret = "client-secret-of-the-guest"

    /// A game with every kind of event.
    ///
    /// - Returns: what the relay has logged, and the room's code.
    private static func play(_ level: String, messages: Int) throws -> (lines: [[String: Any]], code: String) {
        let process = try RelayProcess(environment.merging(["LOG_LEVEL": level]) { $1 })
        let port = try process.port()
        let (host, guest) = (try TestClient(port: port), try TestClient(port: port))
        try host.open(origin: "https://game.example")
        let code = try host.create()
        try guest.open("/\(code)")
        try guest.join(code, clientID: secret)
        #expect(try guest.text().hasPrefix(#"{"type":"joined","#))
        try host.expect(#"{"type":"peer_joined","index":1}"#)
        for number in 0..<messages {
            guest.send(#"{"type":"send","data":"private-\#(number)"}"#)
            try host.expect(#"{"type":"message","from":1,"data":"private-\#(number)"}"#)
        }
        guest.send(#"{"type":"set_state","data":"private"}"#)
        try guest.expect(#"{"type":"error","message":"Only the host can set state"}"#)
        guest.send(.close, [0x0F, 0xA0] + Array("private reason".utf8))
        try host.expect(#"{"type":"peer_left","index":1}"#)
        host.send(#"{"type":"close_room"}"#)
        try host.expectClose(4001, "room closed")
        host.socket.close()
        process.signal(SIGTERM)
        #expect(try process.end().status == 0)
        #expect(!process.outputText.contains(secret) && !process.outputText.contains("private"))
        // The first line is the port's.
        let lines = try process.outputText.split(separator: "\n").dropFirst().map { line in
            try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        let own = lines.filter { $0["level"] as? String != "warning" }
        // The line of the start alone holds an address: the relay's own.
        #expect(own.allSatisfy { $0["message"] as? String == "listening" || !"\($0)".contains("127.0.0.1") })
        return (own, code)
    }

    private static func told(_ line: [String: Any], _ fields: String...) -> [String] {
        [line["message"] as? String ?? ""] + fields.map { line[$0].map { "\($0)" } ?? "none" }
    }

    @Test("connections, rooms, joins, leaves and errors have a line each, and messages have none", arguments: [0, 50])
    func events(messages: Int) async throws {
        let (lines, code) = try Self.play("debug", messages: messages)
        let details = lines.filter { $0["loop"] != nil && $0["level"] as? String == "debug" }
        let rooms = details.filter { $0["room"] != nil }.map { Self.told($0, "room", "slot", "kind", "members") }
        #expect(
            rooms == [
                ["room created", code, "none", "none", "none"], ["joined", code, "1", "new", "none"],
                ["left", code, "1", "none", "none"], ["room ended", code, "none", "none", "1"],
            ])
        let opened = details.filter { $0["message"] as? String == "connection opened" }
        #expect(opened.map { $0["origin"] as? String } == ["https://game.example", "unknown"])
        let closed = details.filter { $0["message"] as? String == "connection closed" }
        #expect(
            closed.map { Self.told($0, "reason", "code") } == [
                ["connection closed", "closed by the client", "4000"], ["connection closed", "room closed", "4001"],
            ])
        // By its number a connection is found again in the lines that follow.
        let connections = opened.map { $0["connection"] as? Int }
        #expect(closed.map { $0["connection"] as? Int } == connections.reversed())
        let seated = details.filter { $0["room"] != nil && $0["connection"] != nil }
        #expect(seated.map { $0["connection"] as? Int } == connections)
        let errors = details.filter { $0["message"] as? String == "error sent" }.map {
            Self.told($0, "kind", "connection")
        }
        #expect(errors == [["error sent", "only_host_can_set_state", "\(connections[1] ?? 0)"]])
        #expect(details.count == 9)
    }

    @Test("at info there is none of them")
    func info() async throws {
        let (lines, _) = try Self.play("info", messages: 1)
        #expect(lines.map { $0["message"] as? String } == ["listening", "draining", "drain ended", "stopped"])
    }
}
