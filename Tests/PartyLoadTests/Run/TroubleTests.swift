import Glibc
import Testing

@testable import party_load

@Suite("The load generator in trouble", .serialized, .timeLimit(.minutes(5)))
struct TroubleTests {
    private static let small = ["--rooms", "2", "--members", "3"]

    @Test("a stall of 300 ms shows in the latencies of an open loop")
    func stall() async throws {
        let relay = try await RelayRun()
        let load = try ProgramRun(
            "party-load",
            ["paced", "--json", "--url", relay.url, "--rooms", "5", "--members", "4", "--rate", "50"]
                + ["--seconds", "3", "--warmup", "0"])
        // Each sender has sent for half a second.
        try await relay.awaitMessages(5 * 4 * 25)
        relay.program.signal(SIGSTOP)
        try await Task.sleep(for: .milliseconds(300))
        relay.program.signal(SIGCONT)
        let result = try await LoadResult(load.end())
        #expect(result.status == 0)
        // Everything due in 3 s: in each of 5 rooms, 50 times a second, 3 deliveries to guests and 3 to the host.
        #expect(result["latencySeconds.count"] == 4_500)
        #expect(try #require(result["latencySeconds.max"]) > 0.25)
        #expect(try #require(result["latencySeconds.p99"]) > 0.2)
    }

    @Test("a closed loop waits for the server, so a stall hardly shows in its latencies")
    func closedLoop() async throws {
        let relay = try await RelayRun()
        let load = try ProgramRun(
            "party-load", ["state", "--json", "--url", relay.url] + Self.small + ["--seconds", "2", "--warmup", "0"])
        try await relay.awaitMessages(1_000)
        relay.program.signal(SIGSTOP)
        try await Task.sleep(for: .milliseconds(300))
        relay.program.signal(SIGCONT)
        let result = try await LoadResult(load.end())
        #expect(result.status == 0)
        #expect(try #require(result["latencySeconds.max"]) > 0.25)
        #expect(try #require(result["latencySeconds.p99"]) < 0.2)
    }

    @Test("pings are answered, so a server with an idle timeout keeps all connections")
    func pings() async throws {
        let relay = try await RelayRun(["IDLE_TIMEOUT_SECONDS": "1"])
        let result = try await LoadResult(
            "idle", ["--url", relay.url, "--connections", "20", "--seconds", "4", "--warmup", "0"])
        #expect(result.status == 0)
        #expect(result.failures == [0, 0, 0, 0])
    }

    @Test("a server that dies is counted as closed connections", arguments: ["state", "input", "paced", "churn"])
    func death(shape: String) async throws {
        let relay = try await RelayRun()
        let load = try ProgramRun(
            "party-load", [shape, "--json", "--url", relay.url] + Self.small + ["--seconds", "60", "--warmup", "0"])
        try await relay.awaitMessages(100)
        relay.program.signal(SIGKILL)
        let result = try await LoadResult(load.end())
        #expect(result.status == 1)
        #expect(result["failures.closed"] ?? 0 > 0)
        // Without connections the run ends early.
        #expect(try #require(result["seconds"]) < 50)
    }

    @Test("a server that stops for good is waited for only as long as the patience, and its messages count as lost")
    func frozen() async throws {
        let relay = try await RelayRun()
        let load = try ProgramRun(
            "party-load",
            ["paced", "--json", "--url", relay.url, "--patience", "1"] + Self.small + [
                "--seconds", "2", "--warmup", "0",
            ])
        try await relay.awaitMessages(100)
        relay.program.signal(SIGSTOP)
        let result = try await LoadResult(load.end())
        #expect(result.status == 1)
        #expect(result["failures.lost"] ?? 0 > 0)
    }

    @Test("without a listener every connection fails", arguments: ["state", "idle", "connect"])
    func nobody(shape: String) async throws {
        // A port that was free a moment ago and is bound by nobody now.
        let port = try MisbehavingServer(.silence).port
        let size = shape == "state" ? Self.small : ["--connections", "6", "--members", "3"]
        let result = try await LoadResult(shape, ["--url", "ws://127.0.0.1:\(port)"] + size)
        #expect(result.status == 1)
        #expect(result["failures.connect"] == 2)

        let outcome = try await ProgramRun("party-load", [shape, "--url", "ws://127.0.0.1:\(port)"] + size).end()
        #expect(outcome.status == 1)
        #expect(outcome.errors == "party-load: cannot connect to ws://127.0.0.1:\(port): Connection refused\n")
    }

    @Test("a server that answers, but agrees to no WebSocket, is named too")
    func noWebSocket() async throws {
        let server = try MisbehavingServer(.refuses)
        let outcome = try await ProgramRun("party-load", ["state", "--url", server.url] + Self.small).end()
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("party-load: cannot connect to \(server.url): "))
        #expect(outcome.errors.split(separator: "\n").count == 1)
    }

    @Test("of several processes the one that listens at the URL's port is measured; without one it is an error")
    func severalProcesses() async throws {
        let (first, second) = (try await RelayRun(), try await RelayRun())
        for relay in [first, second] {
            for identifiers in [
                "\(first.program.identifier)\n\(second.program.identifier)\n",
                "\(second.program.identifier), \(first.program.identifier)",
            ] {
                let result = try await LoadResult(
                    "state",
                    ["--url", relay.url, "--seconds", "0.2", "--warmup", "0", "--pid", identifiers] + Self.small)
                #expect(result.status == 0)
                #expect(result["server.pid"] == Double(relay.program.identifier))
            }
        }
        let port = try MisbehavingServer(.silence).port
        let outcome = try await ProgramRun(
            "party-load",
            [
                "state", "--url", "ws://127.0.0.1:\(port)", "--pid",
                "\(first.program.identifier) \(second.program.identifier)",
            ]
        ).end()
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("port \(port)"))
    }

    @Test("no process at all is measured where a search for its name has found none")
    func noProcess() async throws {
        let relay = try await RelayRun()
        let result = try await LoadResult(
            "state", ["--url", relay.url, "--seconds", "0.2", "--warmup", "0", "--pid", ""] + Self.small)
        #expect(result.status == 0)
        #expect(result["server.pid"] == nil)
    }

    @Test("the sockets that listen at a port are found in the kernel's tables")
    func listening() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0
               1: 0100007F:0BB8 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 12 1 0 100 0 0 10 0
               2: 0100007F:0BB9 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 13 1 0 100 0 0 10 0
               3: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 14 1
               4: bad
            """
        #expect(ListeningSockets.inodes(in: table, port: 3_000) == ["socket:[11]", "socket:[14]"])
        #expect(ListeningSockets.inodes(in: "", port: 3_000).isEmpty)
    }

    @Test("each of many listening sockets is found, though the kernel's table of them is longer than a page")
    func manyListening() throws {
        let servers = try (0..<100).map { _ in try MisbehavingServer(.silence) }
        for server in servers {
            #expect(ListeningSockets.holder(of: server.port, among: [1, getpid()]) == getpid())
        }
    }

    @Test("connections use the given source addresses in turn")
    func sources() async throws {
        let server = try MisbehavingServer(.refuses)
        let result = try await LoadResult(
            "idle", ["--url", server.url, "--source", "127.0.0.2,127.0.0.3", "--connections", "4", "--members", "0"])
        #expect(result.status == 1)
        #expect(server.peers.all == [0x7F00_0002, 0x7F00_0003])
    }

    @Test("connections from a foreign source address fail")
    func foreignSource() async throws {
        let relay = try await RelayRun()
        let result = try await LoadResult(
            "idle", ["--url", relay.url, "--source", "192.0.2.1", "--connections", "6", "--members", "3"])
        #expect(result.status == 1)
        #expect(result["failures.connect"] == 2)
    }

    @Test(
        "every kind of misbehaving server is counted as a failure",
        arguments: [
            MisbehavingServer.Manner.silence, .hangsUp, .noHTTP, .refuses, .wrongProof, .noFrames, .noProtocol, .error,
            .goodbye,
        ], ["state", "connect", "idle"])
    func misbehaving(manner: MisbehavingServer.Manner, shape: String) async throws {
        let server = try MisbehavingServer(manner)
        let size = shape == "state" ? Self.small : ["--connections", "6", "--members", "3"]
        // A wrong answer is noticed at once; only silence takes patience.
        let patience = manner == .silence ? "0.5" : "60"
        let began = ContinuousClock.now
        let result = try await LoadResult(shape, ["--url", server.url, "--patience", patience] + size)
        #expect(ContinuousClock.now - began < .seconds(50))
        #expect(result.status == 1)
        let counted = result.failures.reduce(0, +)
        #expect(counted == 2)
    }

    @Test("an interrupted run reports what was measured so far", arguments: [SIGINT, SIGTERM])
    func interruption(signal: Int32) async throws {
        let relay = try await RelayRun()
        let load = try ProgramRun(
            "party-load", ["state", "--json", "--url", relay.url] + Self.small + ["--seconds", "60", "--warmup", "0"])
        try await relay.awaitMessages(100)
        load.signal(signal)
        let result = try await LoadResult(load.end())
        #expect(result.status == 130)
        #expect(result["deliveries"] ?? 0 > 0)
        #expect(try #require(result["seconds"]) < 50)
    }

    @Test("an interruption while connecting ends the run soon, whatever the patience")
    func interruptedConnecting() async throws {
        let relay = try await RelayRun()
        let load = try ProgramRun(
            "party-load",
            ["connect", "--json", "--url", relay.url, "--connections", "90", "--warmup", "60", "--patience", "50"])
        try await relay.awaitMessages(100)
        relay.program.signal(SIGSTOP)
        let began = ContinuousClock.now
        load.signal(SIGINT)
        let result = try await LoadResult(load.end())
        #expect(result.status == 130)
        #expect(ContinuousClock.now - began < .seconds(40))
    }

    @Test(
        "unusable arguments are refused with a message that names them",
        arguments: [
            (["state", "--rooms", "0"], "rooms"), (["state", "--url", "wss://a"], "proxy"),
            (["state", "--url", "ws://no.such.name.invalid"], "no.such.name.invalid"),
            (["idle", "--source", "somewhere"], "somewhere"), (["idle", "--source", "::1"], "families"),
            (["state", "--pid", "999999999"], "999999999"), (["state", "--pid", "relay"], "relay"),
            (["state", "--window", "x"], "window"), (["nothing"], "nothing"),
        ])
    func refused(arguments: [String], word: String) async throws {
        let outcome = try await ProgramRun("party-load", arguments).end()
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains(word))
        #expect(outcome.output.isEmpty)
    }

    @Test("the help names every shape, and the way to load a wss server")
    func help() async throws {
        let outcome = try await ProgramRun("party-load", ["--help"]).end()
        #expect(outcome.status == 0)
        for word in ["state", "input", "paced", "idle", "connect", "churn", "proxy"] {
            #expect(outcome.output.contains(word))
        }
    }
}
