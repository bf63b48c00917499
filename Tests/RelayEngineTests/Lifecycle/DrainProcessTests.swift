import Glibc
import Testing

@Suite("The program's drain", .blocking)
struct DrainProcessTests {
    // A client here answers pings only while its test reads from it, so silence means nothing.
    private static let environment = [
        "PORT": "0", "HOST": "127.0.0.1", "RELAY_THREADS": "2", "IDLE_TIMEOUT_SECONDS": "0",
    ]

    /// A process, and the host of a room on it.
    private static func start(_ settings: [String: String] = [:]) throws -> (process: RelayProcess, host: TestClient) {
        let process = try RelayProcess(environment.merging(settings) { $1 })
        let host = try TestClient(port: try process.port())
        try host.open()
        try host.create()
        return (process, host)
    }

    @Test(
        "its start and its end are logged, with the signal's name",
        arguments: [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT"), (SIGHUP, "SIGHUP")])
    func log(signal: Int32, name: String) async throws {
        let (process, host) = try Self.start(["DRAIN_SECONDS": "600"])
        process.signal(signal)
        let begun = try process.output(matching: /\{[^\n]*"message":"draining"[^\n]*\}/)
        #expect(begun.contains(#""bound":"600 s""#) && begun.contains(#""rooms":1"#))
        #expect(begun.contains(#""clients":1"#) && begun.contains(#""signal":"\#(name)""#))
        host.send(#"{"type":"close_room"}"#)
        try host.expectClose(4001, "room closed")
        host.socket.close()
        #expect(try process.end().status == 0)
        let over = try process.output(matching: /\{[^\n]*"message":"drain ended"[^\n]*\}/)
        #expect(over.contains(#""reason":"empty""#) && over.contains(#""rooms":0"#))
        #expect(process.outputText.contains(#""message":"stopped""#))
    }

    @Test("after DRAIN_SECONDS it closes the remaining connections, and exits with status 0")
    func bound() async throws {
        let (process, host) = try Self.start(["DRAIN_SECONDS": "1"])
        process.signal(SIGTERM)
        try host.expectClose(1012, "service restart")
        host.socket.close()
        let (status, errors) = try process.end()
        #expect(status == 0)
        #expect(errors.isEmpty)
        let over = try process.output(matching: /\{[^\n]*"message":"drain ended"[^\n]*\}/)
        #expect(over.contains(#""reason":"time is up""#) && over.contains(#""rooms":1"#))
    }

    @Test(
        "a second signal ends it at once, with the status of a process killed by this signal",
        arguments: [
            (SIGTERM, SIGTERM), (SIGINT, SIGINT), (SIGHUP, SIGHUP), (SIGTERM, SIGINT), (SIGINT, SIGHUP),
            (SIGHUP, SIGTERM),
        ])
    func secondSignal(first: Int32, second: Int32) async throws {
        let (process, host) = try Self.start()
        process.signal(first)
        _ = try process.output(matching: /"message":"draining"/)
        try host.expectNothing()
        process.signal(second)
        // It does not close its side.
        try host.expectClose(1012, "service restart")
        let (status, errors) = try process.end()
        #expect(status == 128 + second)
        #expect(errors.isEmpty)
        let over = try process.output(matching: /\{[^\n]*"message":"drain ended"[^\n]*\}/)
        #expect(over.contains(#""reason":"second signal""#))
    }

    @Test("a SIGHUP that it was started to ignore, as by nohup, is ignored")
    func hangUpIgnored() async throws {
        let process = try RelayProcess(Self.environment, preparation: "trap '' HUP")
        _ = try process.port()
        process.signal(SIGHUP)
        process.signal(SIGTERM)
        // Had it counted, SIGTERM would have been the second signal.
        #expect(try process.end().status == 0)
        let begun = try process.output(matching: /\{[^\n]*"message":"draining"[^\n]*\}/)
        #expect(begun.contains(#""signal":"SIGTERM""#))
    }

    @Test("a terminal that goes begins a drain, however many SIGHUP tell of it")
    func terminalGone() async throws {
        let terminal = try PseudoTerminal()
        let preparation = #"exec setsid --ctty "$0" "$@" <\#(terminal.path)"#
        let process = try RelayProcess(Self.environment, preparation: preparation)
        let host = try TestClient(port: try process.port())
        try host.open()
        try host.create()
        terminal.close()
        let begun = try process.output(matching: /\{[^\n]*"message":"draining"[^\n]*\}/)
        #expect(begun.contains(#""signal":"SIGHUP""#))
        process.signal(SIGHUP)
        try host.expectNothing()
        process.signal(SIGTERM)
        try host.expectClose(1012, "service restart")
        let status = try process.end().status
        #expect(status == 128 + SIGTERM)
    }

    @Test("an empty machine goes on answering for DRAIN_DELAY_SECONDS, with /ready at 503, and then ends")
    func delay() async throws {
        let process = try RelayProcess(Self.environment.merging(["DRAIN_DELAY_SECONDS": "2"]) { $1 })
        let port = try process.port()
        let beginning = ContinuousClock.now
        process.signal(SIGTERM)
        let begun = try process.output(matching: /\{[^\n]*"message":"draining"[^\n]*\}/)
        #expect(begun.contains(#""delay":"2 s""#))
        let visitor = try TestClient(port: port)
        visitor.sendRequest("/health")
        #expect(try visitor.reply().status == 200)
        visitor.sendRequest("/ready")
        #expect(try visitor.reply().body == #"{"status":"draining"}"#)
        #expect(try process.end().status == 0)
        #expect(ContinuousClock.now - beginning >= .seconds(2))
        let over = try process.output(matching: /\{[^\n]*"message":"drain ended"[^\n]*\}/)
        #expect(over.contains(#""reason":"empty""#))
    }

    @Test("a room that ends within the delay does not end the machine, and one that lasts longer keeps it")
    func delayWithRoom() async throws {
        let (process, host) = try Self.start(["DRAIN_DELAY_SECONDS": "2"])
        let beginning = ContinuousClock.now
        process.signal(SIGTERM)
        _ = try process.output(matching: /"message":"draining"/)
        host.send(#"{"type":"close_room"}"#)
        try host.expectClose(4001, "room closed")
        host.socket.close()
        #expect(try process.end().status == 0)
        #expect(ContinuousClock.now - beginning >= .seconds(2))

        let (second, player) = try Self.start(["DRAIN_DELAY_SECONDS": "1", "DRAIN_SECONDS": "3"])
        second.signal(SIGTERM)
        try player.expectClose(1012, "service restart")
        player.socket.close()
        #expect(try second.end().status == 0)
        let over = try second.output(matching: /\{[^\n]*"message":"drain ended"[^\n]*\}/)
        #expect(over.contains(#""reason":"time is up""#))
    }

    @Test("neither a second signal nor DRAIN_SECONDS waits for the delay", arguments: [true, false])
    func delayCutShort(bySignal: Bool) async throws {
        let settings = ["DRAIN_DELAY_SECONDS": "600", "DRAIN_SECONDS": bySignal ? "600" : "1"]
        let process = try RelayProcess(Self.environment.merging(settings) { $1 })
        _ = try process.port()
        process.signal(SIGTERM)
        _ = try process.output(matching: /"message":"draining"/)
        if bySignal { process.signal(SIGTERM) }
        #expect(try process.end().status == (bySignal ? 128 + SIGTERM : 0))
    }

    @Test("in a cluster whose DNS is silent it accepts players while it drains, and ends as it would alone")
    func silentNames() async throws {
        let network = LoopbackNetwork()
        let names = try SilentNameServer(at: network.address(250), port: network.port)
        let settings = [
            "HOST": LoopbackNetwork.text(network.address(1)), "PORT": "\(network.port)", "FLY_APP_NAME": "party",
            "FLY_REGION": "fra", "FLY_MACHINE_ID": "machine-1",
            "DNS_SERVERS": "\(LoopbackNetwork.text(network.address(250))):\(network.port)",
        ]
        let process = try RelayProcess(Self.environment.merging(settings) { $1 })
        _ = try process.port()
        let host = try TestClient(address: network.address(1), port: network.port)
        try host.open()
        let code = try host.create()
        process.signal(SIGTERM)
        _ = try process.output(matching: /"message":"draining"/)
        names.awaitQuestion()
        let guest = try TestClient(address: network.address(1), port: network.port)
        try guest.open()
        try guest.join(code, clientID: "client-1")
        try guest.expect(#"{"type":"joined","room":"\#(code)","index":1,"peers":[0]}"#)
        process.signal(SIGTERM)
        for client in [host, guest] { client.answersPings = false }
        try guest.expectClose(1012, "service restart")
        #expect(try process.end().status == 128 + SIGTERM)
    }
}

/// A DNS server that receives queries, and never answers one.
private final class SilentNameServer {
    private let descriptor: Int32

    struct CannotListen: Error {}

    init(at address: UInt32, port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let result = unsafe withSocketAddress(address, UInt16(port)) { unsafe bind(descriptor, $0, $1) }
        guard result == 0 else { throw CannotListen() }
    }

    deinit {
        close(descriptor)
    }

    /// Returns when the first query has arrived.
    func awaitQuestion() {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        #expect(unsafe poll(&request, 1, TestSocket.patience) == 1)
    }
}
