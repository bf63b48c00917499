import Glibc
import TestSupport
import Testing

@Suite("The program", .blocking)
struct ProcessTests {
    // A client here answers pings only while its test reads from it, so silence means nothing.
    private static let environment = [
        "PORT": "0", "HOST": "127.0.0.1", "RELAY_THREADS": "2", "IDLE_TIMEOUT_SECONDS": "0",
    ]

    @Test("without a room SIGTERM, SIGINT and SIGHUP end it with status 0", arguments: [SIGTERM, SIGINT, SIGHUP])
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

    @Test("a signal just as it begins to listen already starts a drain")
    func signalAtOnce() async throws {
        // Several times, since the moment is short.
        for _ in 0..<10 {
            let network = LoopbackNetwork()
            let address = ["PORT": "\(network.port)", "HOST": LoopbackNetwork.text(network.address(1))]
            let process = try RelayProcess(Self.environment.merging(address) { $1 })
            while (try? TestSocket(address: network.address(1), port: network.port)) == nil {
                try #require(process.isRunning)
            }
            process.signal(SIGTERM)
            let (status, errors) = try process.end()
            #expect(status == 0)
            #expect(errors.isEmpty)
        }
    }

    @Test("with a room it ends after the room has", arguments: [SIGTERM, SIGINT, SIGHUP])
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
        // Messages to nobody: a failed answer would show that the client is gone.
        let silent = (0..<500).flatMap { _ in TestClient.frame(#"{"type":"send"}"#) }
        flooder.write(TestClient.frame(#"{"type":"send","to":0}"#) + silent)
        try flooder.expect(#"{"type":"message","from":0}"#)
        let before = process.processorTicks
        flooder.socket.reset()
        // Its end serves as the clock.
        let idle = try TestClient(port: try process.port())
        try idle.open()
        try idle.expectClose(4002, "no room")
        let ticks = process.processorTicks - before
        #expect(ticks < Int(sysconf(Int32(_SC_CLK_TCK))) / 2)
    }

    @Test("when open files run out, resting clients are closed to make room for new requests, and members stay")
    func openFiles() async throws {
        let settings = ["RELAY_THREADS": "1"]
        let process = try RelayProcess(Self.environment.merging(settings) { $1 }, preparation: "ulimit -n 128")
        let port = try process.port()
        let (host, guest) = (try TestClient(port: port), try TestClient(port: port))
        try host.open()
        try guest.open()
        try guest.join(try host.create(), clientID: "client-1")
        #expect(try guest.text().hasPrefix(#"{"type":"joined","#))
        try host.expect(#"{"type":"peer_joined","index":1}"#)

        var clients: [TestClient] = []
        for _ in 0..<4 {
            // No client may be closed before it has its answer.
            let crowd = try (0..<30).map { _ in try TestClient(port: port) }
            for client in crowd { client.sendRequest("/health") }
            for client in crowd { #expect(try client.reply().status == 200) }
            clients += crowd
        }
        host.send(#"{"type":"send","data":1}"#)
        try guest.expect(#"{"type":"message","from":0,"data":1}"#)
        let page = try clients[119].scrape()
        #expect(page.samples.first { $0.labels["limit"] == "open_files" }?.value ?? 0 > 0)
    }

    @Test("while silent clients hold all their files, a scrape and the health check get through")
    func fullOfClients() async throws {
        let settings = ["METRICS_PORT": "0", "HANDSHAKE_TIMEOUT_SECONDS": "0"]
        let process = try RelayProcess(Self.environment.merging(settings) { $1 }, preparation: "ulimit -n 128")
        let port = try process.port()
        let metricsPort = Int(try process.output(matching: /"metricsPort":([0-9]+)[,}]/).1) ?? 0
        let clients = try (0..<200).map { _ in try TestClient(port: port) }
        for client in clients { client.write("GET") }
        var isFull = false
        repeat {
            let page = try TestClient(port: metricsPort).scrape()
            isFull = page.samples.contains { $0.labels["limit"] == "open_files" && $0.value > 0 }
        } while !isFull
        #expect(try RelayProcess.health(["PORT": "\(metricsPort)", "HOST": "127.0.0.1"]).status == 0)
        withExtendedLifetime(clients) {}
    }

    @Test("it prints its version and its commands, and refuses other arguments")
    func options() async throws {
        #expect(try RelayProcess([:], arguments: ["--version"]).end().status == 0)
        let help = try RelayProcess([:], arguments: ["--help"])
        #expect(try help.end().status == 0)
        for word in ["health", "--help", "--version", "METRICS_PORT"] { #expect(help.outputText.contains(word)) }
        let (status, errors) = try RelayProcess([:], arguments: ["--port", "1"]).end()
        #expect(status == 64)
        #expect(errors.filter { $0 == "\n" }.count == 1)
    }
}
