import Glibc
import Testing

@Suite("The program", .blocking)
struct ProcessTests {
    // A client here answers pings only while its test reads from it, so silence means nothing.
    private static let environment = [
        "PORT": "0", "HOST": "127.0.0.1", "RELAY_THREADS": "2", "IDLE_TIMEOUT_SECONDS": "0",
    ]

    @Test(
        "a variable that cannot be used ends the start with one line that names it",
        arguments: [
            ("PORT", "http"), ("PORT", "65536"), ("RELAY_THREADS", "0"), ("MAX_ROOMS", "-1"), ("LOG_LEVEL", "loud"),
            ("INSTANCE_ID", "a b"), ("CLIENT_IP_HEADER", "a b"), ("MAX_MESSAGE_BYTES", "2 MiB"),
            ("HOST_GRACE_SECONDS", "1.5"), ("DASHBOARD_URL", "https://a b"),
        ])
    func unusable(variable: String, value: String) async throws {
        let process = try RelayProcess(Self.environment.merging([variable: value]) { $1 })
        let (status, errors) = try process.end()
        #expect(status == 1)
        #expect(errors.hasPrefix("party-sockets: \(variable) must be "))
        #expect(errors.filter { $0 == "\n" }.count == 1)
        #expect(errors.hasSuffix("\n"))
    }

    @Test("a port in use ends the start with one line")
    func portInUse() async throws {
        try await withRelay { relay in
            let process = try RelayProcess(Self.environment.merging(["PORT": "\(relay.port)"]) { $1 })
            let (status, errors) = try process.end()
            #expect(status == 1)
            #expect(errors.hasPrefix("party-sockets: "))
            #expect(errors.contains("\(relay.port)"))
            #expect(errors.filter { $0 == "\n" }.count == 1)
        }
    }

    @Test("without a room SIGTERM and SIGINT end it with status 0", arguments: [SIGTERM, SIGINT])
    func idleEnd(signal: Int32) async throws {
        let process = try RelayProcess(Self.environment)
        let client = try TestClient(port: try process.port())
        client.sendRequest("/health")
        #expect(try client.reply().body == #"{"status":"ok"}"#)
        process.signal(signal)
        let (status, errors) = try process.end()
        #expect(status == 0)
        #expect(errors.isEmpty)
    }

    @Test("with a room it ends after the room has", arguments: [SIGTERM, SIGINT])
    func drain(signal: Int32) async throws {
        let process = try RelayProcess(Self.environment)
        let host = try TestClient(port: try process.port())
        try host.open()
        try host.create()
        process.signal(signal)
        let stranger = try TestClient(port: try process.port())
        try stranger.open()
        // Until the signal has arrived rooms are still created.
        var answer = ""
        repeat {
            let next = try TestClient(port: try process.port())
            try next.open()
            next.send(#"{"type":"create","clientId":"h","maxClients":1}"#)
            answer = try next.text()
        } while answer != #"{"type":"error","message":"Server draining"}"#
        try host.expectNothing()
        host.send(#"{"type":"close_room"}"#)
        try host.expectClose(4001, "room closed")
        let heard = try stranger.hearMessage()
        #expect(heard == .close(1012, "service restart"))
        stranger.socket.close()
        #expect(try process.end().status == 0)
    }

    @Test("a connection that is reset while it waits above its rate costs no processor time")
    func pausedReset() async throws {
        let settings = ["MESSAGES_PER_SECOND": "10", "RELAY_THREADS": "1", "JOIN_TIMEOUT_SECONDS": "2"]
        let process = try RelayProcess(Self.environment.merging(settings) { $1 })
        let flooder = try TestClient(port: try process.port())
        try flooder.open()
        try flooder.create()
        // Messages to nobody: no answer fails, which would show that the client is gone.
        let silent = (0..<500).flatMap { _ in TestClient.frame(#"{"type":"send"}"#) }
        flooder.write(TestClient.frame(#"{"type":"send","to":0}"#) + silent)
        try flooder.expect(#"{"type":"message","from":0}"#)
        let before = process.processorTicks
        flooder.socket.reset()
        // Its end is the clock.
        let idle = try TestClient(port: try process.port())
        try idle.open()
        try idle.expectClose(4002, "no room")
        let ticks = process.processorTicks - before
        #expect(ticks < Int(sysconf(Int32(_SC_CLK_TCK))) / 2)
    }

    @Test("when open files run out, clients that rest make room for those that ask, and members stay")
    func openFiles() async throws {
        let settings = ["RELAY_THREADS": "1", "MAX_CONNECTIONS": "10"]
        let process = try RelayProcess(Self.environment.merging(settings) { $1 }, openFiles: 64)
        let port = try process.port()
        let (host, guest) = (try TestClient(port: port), try TestClient(port: port))
        try host.open()
        try guest.open()
        try guest.join(try host.create(), clientID: "client-1")
        #expect(try guest.text().hasPrefix(#"{"type":"joined","#))
        try host.expect(#"{"type":"peer_joined","index":1}"#)

        var clients: [TestClient] = []
        for _ in 0..<3 {
            // Of those that ask at the same time none may be let go before it has its answer.
            let crowd = try (0..<30).map { _ in try TestClient(port: port) }
            for client in crowd { client.sendRequest("/health") }
            for client in crowd { #expect(try client.reply().status == 200) }
            clients += crowd
        }
        host.send(#"{"type":"send","data":1}"#)
        try guest.expect(#"{"type":"message","from":0,"data":1}"#)
        clients[89].sendRequest("/metrics")
        let page = try MetricsPage(try clients[89].reply().body)
        #expect(page.series.first { $0.labels["limit"] == "open_files" }?.value ?? 0 > 0)
    }

    @Test("its version and its options are told, and others are refused")
    func options() async throws {
        #expect(try RelayProcess([:], arguments: ["--version"]).end().status == 0)
        #expect(try RelayProcess([:], arguments: ["--help"]).end().status == 0)
        let (status, errors) = try RelayProcess([:], arguments: ["--port", "1"]).end()
        #expect(status == 64)
        #expect(errors.filter { $0 == "\n" }.count == 1)
    }
}
