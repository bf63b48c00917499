import Foundation
import Glibc
import Testing

@testable import RelayServer

@Suite("Ctrl-C at a terminal", .blocking, .timeLimit(.minutes(5)))
struct ConsoleTests {
    // A client here answers pings only while its test reads from it, so silence means nothing.
    private static let environment = ["PORT": "0", "RELAY_THREADS": "2", "IDLE_TIMEOUT_SECONDS": "0"]
    private static let forwarded = ["X-Forwarded-For: 203.0.113.9"]

    /// Addresses by which a client of this computer reaches it: that of its network counts, too, if it has one.
    private static var ownAddresses: [UInt32] {
        let found = LocalNetwork.address(among: LocalNetwork.addresses(), families: [.ipv4])
        var address = in_addr()
        guard let found, unsafe inet_aton(found, &address) == 1 else { return [0x7F00_0001] }
        return [0x7F00_0001, UInt32(bigEndian: address.s_addr)]
    }

    /// A relay whose standard error is a terminal.
    private static func start(
        _ settings: [String: String] = [:]
    ) throws -> (process: RelayProcess, terminal: PseudoTerminal, port: Int) {
        let terminal = try PseudoTerminal()
        let process = try RelayProcess(
            environment.merging(settings) { $1 }, preparation: #"exec 2>"\#(terminal.path)""#)
        return (process, terminal, try process.port())
    }

    private static func reason(_ process: RelayProcess) throws -> String {
        String(try process.output(matching: /"message":"drain ended"[^\n]*"reason":"([^"]*)"/).1)
    }

    @Test("ends the relay where all members sit at this computer, with nothing to wait for", arguments: ownAddresses)
    func onlyHere(address: UInt32) async throws {
        let (process, terminal, port) = try Self.start()
        let host = try TestClient(address: address, port: port)
        try host.open()
        let code = try host.create()
        let guest = try TestClient(port: port)
        try guest.open("/\(code)")
        try guest.join(code, clientID: "client-1")
        try guest.expect(#"{"type":"joined","room":"\#(code)","index":1,"peers":[0]}"#)
        process.signal(SIGINT)
        try guest.expectClose(1012, "service restart")
        for client in [host, guest] { client.socket.close() }
        #expect(try Self.reason(process) == "only clients of this computer")
        #expect(try process.end().status == 0)
        terminal.readRest()
        #expect(terminal.text.contains("This computer") && !terminal.text.contains("Ctrl-C"))
    }

    @Test("waits where one member may be elsewhere, tells for what and how long, and a second one ends it")
    func elsewhere() async throws {
        let (process, terminal, port) = try Self.start()
        let host = try TestClient(port: port)
        try host.open()
        let code = try host.create()
        let guest = try TestClient(port: port)
        try guest.open("/\(code)", headers: Self.forwarded)
        try guest.join(code, clientID: "client-1")
        try guest.expect(#"{"type":"joined","room":"\#(code)","index":1,"peers":[0]}"#)
        process.signal(SIGINT)
        try terminal.await(
            /Waiting for 1 room with 2 clients, 290 s at most\. Ctrl-C again stops at once\.\r\n/)
        try guest.expectNothing()
        process.signal(SIGINT)
        try guest.expectClose(1012, "service restart")
        #expect(try process.end().status == 128 + SIGINT)
    }

    @Test("does not wait for a room that everybody has left without goodbye")
    func dormant() async throws {
        let (process, terminal, port) = try Self.start(["EMPTY_GRACE_SECONDS": "600"])
        let host = try TestClient(port: port)
        try host.open(headers: Self.forwarded)
        let code = try host.create()
        host.socket.close()
        // The relay has noticed.
        let visitor = try TestClient(port: port)
        var hasNoticed = false
        for _ in 0..<6_000 where !hasNoticed {
            visitor.sendRequest("/room/\(code)")
            hasNoticed = try visitor.reply().status != 200
            if !hasNoticed { usleep(10_000) }
        }
        try #require(hasNoticed, "it has not noticed in a minute that the host is gone")
        process.signal(SIGINT)
        #expect(try process.end().status == 0)
        #expect(try Self.reason(process) == "only clients of this computer")
        // Its terminal is there as long as somebody asks for it.
        terminal.readRest()
        #expect(terminal.text.contains("This computer") && !terminal.text.contains("Ctrl-C"))
    }

    @Test("keeps the rooms that the next start can have again")
    func kept() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (process, terminal, port) = try Self.start(["ROOMS_FILE": folder.appending(path: "rooms").path()])
        let host = try TestClient(port: port)
        try host.open()
        try host.create()
        process.signal(SIGINT)
        try host.expectClose(1012, "moved")
        #expect(try process.end().status == 0)
        #expect(try Self.reason(process) == "rooms kept")
        try terminal.await(/Keeping 1 room with 1 client\. Ctrl-C again loses what is not kept yet\.\r\n/)
        #expect(!terminal.text.contains("Waiting"))
    }

    @Test("a signal that nobody has typed, or a delay that somebody has set, is waited for", arguments: [true, false])
    func waits(isDelayed: Bool) async throws {
        let (process, terminal, port) = try Self.start(isDelayed ? ["DRAIN_DELAY_SECONDS": "1"] : [:])
        let host = try TestClient(port: port)
        try host.open()
        try host.create()
        process.signal(isDelayed ? SIGINT : SIGTERM)
        _ = try process.output(matching: /"message":"draining"/)
        try host.expectNothing()
        host.send(#"{"type":"close_room"}"#)
        try host.expectClose(4001, "room closed")
        host.socket.close()
        #expect(try process.end().status == 0)
        #expect(try Self.reason(process) == "empty")
        terminal.readRest()
        #expect(terminal.text.contains("This computer") && terminal.text.contains("Ctrl-C") == isDelayed)
    }
}
