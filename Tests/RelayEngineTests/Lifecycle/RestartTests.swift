import Foundation
import Glibc
import Testing

@Suite("A restart with a file for the rooms", .blocking)
struct RestartTests {
    /// A relay that is started again and again in one place.
    private final class Place {
        let port = LoopbackNetwork.freePort()
        let directory: String
        var file: String { directory + "/rooms" }

        init() throws {
            directory = NSTemporaryDirectory() + "rooms-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        }

        deinit {
            try? FileManager.default.removeItem(atPath: directory)
        }

        /// Starts a relay there, and returns once it listens.
        func start(_ settings: [String: String] = [:]) throws -> RelayProcess {
            let environment = [
                "PORT": "\(port)", "HOST": "127.0.0.1", "RELAY_THREADS": "2", "IDLE_TIMEOUT_SECONDS": "0",
                "ROOMS_FILE": file,
            ]
            let process = try RelayProcess(environment.merging(settings) { $1 })
            _ = try process.output(matching: /"message":"listening"/)
            return process
        }

        func connect() throws -> TestClient {
            let client = try TestClient(port: port)
            try client.open()
            return client
        }

        func end(_ process: RelayProcess) throws {
            process.signal(SIGTERM)
            #expect(try process.end().status == 0)
        }
    }

    @Test("the same games go on: code, slots, snapshot and url; and no later start finds them again")
    func sameGames() throws {
        let place = try Place()
        let first = try place.start()
        let host = try place.connect()
        host.send(
            #"{"type":"create","clientId":"host","maxClients":2,"url":"https://a.example/{room}","v":3}"#)
        let code = try String(host.text("created").dropFirst(26).prefix(6))
        let guest = try place.connect()
        try guest.join(code, clientID: "guest")
        _ = try guest.text("joined")
        try host.expect(#"{"type":"peer_joined","index":1}"#)
        host.send(#"{"type":"set_state","data":{"level":7}}"#)
        try guest.expect(#"{"type":"state","data":{"level":7}}"#)

        first.signal(SIGTERM)
        // Who understands it hears that the room goes on.
        try host.expect(#"{"type":"moved"}"#)
        for client in [host, guest] {
            try client.expectClose(1012, "moved")
            client.socket.close()
        }
        #expect(try first.end().status == 0)
        #expect(first.outputText.contains(#""message":"rooms kept""#))
        let mode = try FileManager.default.attributesOfItem(atPath: place.file)[.posixPermissions] as? Int
        #expect(mode == 0o600)

        let second = try place.start()
        #expect(!FileManager.default.fileExists(atPath: place.file))
        let stranger = try place.connect()
        try stranger.join(code, clientID: "stranger")
        try stranger.expect(#"{"type":"error","message":"Room not found"}"#)
        let back = try place.connect()
        try back.join(code, clientID: "guest")
        try back.expect(#"{"type":"joined","room":"\#(code)","index":1,"peers":[],"url":"https://a.example/\#(code)"}"#)
        try back.expect(#"{"type":"state","data":{"level":7}}"#)
        // The host's place is kept.
        try stranger.join(code, clientID: "stranger")
        try stranger.expect(#"{"type":"error","message":"Room is full"}"#)
        let hostAgain = try place.connect()
        try hostAgain.join(code, clientID: "host")
        _ = try hostAgain.text("joined")
        try back.expect(#"{"type":"peer_joined","index":0}"#)
        hostAgain.send(#"{"type":"close_room"}"#)
        try back.expectClose(4001, "room closed")
        try place.end(second)

        let third = try place.start()
        #expect(!third.outputText.contains("rooms restored"))
        try place.end(third)
    }

    @Test("rooms that are too old do not come back")
    func tooOld() throws {
        let place = try Place()
        let first = try place.start(["EMPTY_GRACE_SECONDS": "1"])
        let host = try place.connect()
        let code = try host.create()
        try place.end(first)
        Thread.sleep(forTimeInterval: 2.5)
        let second = try place.start(["EMPTY_GRACE_SECONDS": "1"])
        let back = try place.connect()
        try back.join(code, clientID: "host")
        try back.expect(#"{"type":"error","message":"Room not found"}"#)
        #expect(second.outputText.contains("are too old"))
        try place.end(second)
    }

    @Test("a file that is no rooms is set aside, and the relay starts without", arguments: ["", "nonsense\n"])
    func unreadable(contents: String) throws {
        let place = try Place()
        try Data(contents.utf8).write(to: URL(fileURLWithPath: place.file))
        let process = try place.start()
        try place.connect().create()
        #expect(FileManager.default.fileExists(atPath: place.file + ".unreadable"))
        #expect(!FileManager.default.fileExists(atPath: place.file))
        process.signal(SIGKILL)
        _ = try process.end()
    }

    @Test("where the file cannot be written, the games go on for as long as the drain lasts")
    func unwritable() throws {
        let place = try Place()
        let process = try place.start()
        let host = try place.connect()
        try host.create()
        try FileManager.default.removeItem(atPath: place.directory)
        process.signal(SIGTERM)
        _ = try process.output(matching: /"message":"rooms not kept"/)
        try host.expectNothing()
        host.send(#"{"type":"close_room"}"#)
        try host.expectClose(4001, "room closed")
        host.socket.close()
        #expect(try process.end().status == 0)
    }

    @Test("a start that fails leaves the rooms for the next one")
    func failedStart() throws {
        let place = try Place()
        let first = try place.start()
        let host = try place.connect()
        let code = try host.create()
        try place.end(first)
        let other = try place.start(["ROOMS_FILE": place.directory + "/others"])
        let failing = try RelayProcess([
            "PORT": "\(place.port)", "HOST": "127.0.0.1", "ROOMS_FILE": place.file,
        ])
        #expect(try failing.end().status == 1)
        other.signal(SIGKILL)
        _ = try other.end()
        let second = try place.start()
        let back = try place.connect()
        try back.join(code, clientID: "host")
        try back.expect(#"{"type":"joined","room":"\#(code)","index":0,"peers":[]}"#)
        second.signal(SIGKILL)
        _ = try second.end()
    }
}
