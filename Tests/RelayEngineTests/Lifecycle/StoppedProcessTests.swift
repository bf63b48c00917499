import Glibc
import TestSupport
import Testing

@Suite("A process that was stopped", .blocking)
struct StoppedProcessTests {
    private static func wait(milliseconds: UInt32) {
        usleep(milliseconds * 1_000)
    }

    @Test(
        "whoever came back meanwhile is read before any deadline: the host has its room, and requests their answers",
        arguments: [1, 2, 4])
    func deadlines(loops: Int) async throws {
        let process = try RelayProcess([
            "PORT": "0", "HOST": "127.0.0.1", "RELAY_THREADS": "\(loops)", "HOST_GRACE_SECONDS": "2",
            "HANDSHAKE_TIMEOUT_SECONDS": "2", "JOIN_TIMEOUT_SECONDS": "2", "IDLE_TIMEOUT_SECONDS": "2",
        ])
        let port = try process.port()
        // Enough of each that every loop has some.
        var rooms: [(code: String, guest: TestClient)] = []
        var hosts: [TestClient] = []
        for _ in 0..<8 {
            let (host, guest) = (try TestClient(port: port), try TestClient(port: port))
            try host.open()
            try guest.open()
            let code = try host.create()
            try guest.join(code, clientID: "1")
            try guest.expect(#"{"type":"joined","room":"\#(code)","index":1,"peers":[0]}"#)
            rooms.append((code, guest))
            hosts.append(host)
        }
        let asking = try (0..<8).map { _ in try TestClient(port: port) }
        let unseated = try (0..<8).map { _ in try TestClient(port: port) }
        for client in asking { client.write("GET /health HTTP/1.1\r\nHo") }
        for client in unseated { try client.open() }
        for host in hosts { host.socket.reset() }
        for room in rooms { try room.guest.expect(#"{"type":"peer_left","index":0}"#) }

        process.signal(SIGSTOP)
        Self.wait(milliseconds: 500)
        for client in asking { client.write("st: a\r\n\r\n") }
        for (place, client) in unseated.enumerated() { try client.join(rooms[place].code, clientID: "2") }
        let returning = try rooms.enumerated().map { place, room in
            let client = try TestClient(port: port)
            let target = place % 2 == 0 ? "/" : "/\(room.code)"
            client.sendRequest(target, headers: TestClient.upgradeFields)
            try client.join(room.code, clientID: "host")
            return client
        }
        Self.wait(milliseconds: 4_000)
        process.signal(SIGCONT)

        for client in asking { #expect(try client.reply().status == 200) }
        for (place, client) in returning.enumerated() {
            #expect(try client.reply().status == 101)
            let joined = try client.text("the host's own slot")
            #expect(joined.hasPrefix(#"{"type":"joined","room":"\#(rooms[place].code)","index":0,"#))
        }
        for (place, client) in unseated.enumerated() {
            let joined = try client.text("a slot")
            #expect(joined.hasPrefix(#"{"type":"joined","room":"\#(rooms[place].code)","index":2,"#))
        }
        for room in rooms {
            let heard = try [room.guest.text(), room.guest.text()]
            #expect(heard.sorted() == [0, 2].map { #"{"type":"peer_joined","index":\#($0)}"# })
        }
    }

    @Test("a host that does not come back has its room ended, a moment after the process goes on")
    func graceEnds() async throws {
        let process = try RelayProcess([
            "PORT": "0", "HOST": "127.0.0.1", "RELAY_THREADS": "2", "HOST_GRACE_SECONDS": "1",
            "IDLE_TIMEOUT_SECONDS": "0",
        ])
        let port = try process.port()
        let (host, guest) = (try TestClient(port: port), try TestClient(port: port))
        try host.open()
        try guest.open()
        try guest.join(try host.create(), clientID: "1")
        _ = try guest.text()
        host.socket.reset()
        try guest.expect(#"{"type":"peer_left","index":0}"#)
        process.signal(SIGSTOP)
        Self.wait(milliseconds: 2_000)
        process.signal(SIGCONT)
        try guest.expectClose(4001, "room closed")
    }
}
