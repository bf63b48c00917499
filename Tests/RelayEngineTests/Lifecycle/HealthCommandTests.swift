import Glibc
import RelayEngine
import Testing

@Suite("The command health", .blocking)
struct HealthCommandTests {
    private func expectUnhealthy(
        _ environment: [String: String], _ reason: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let (status, errors) = try RelayProcess.health(environment)
        #expect(status == 1, sourceLocation: sourceLocation)
        #expect(errors.hasPrefix("party-sockets: "), sourceLocation: sourceLocation)
        #expect(errors.contains(reason), "\(errors)", sourceLocation: sourceLocation)
        #expect(errors.hasSuffix("\n") && errors.dropLast().allSatisfy { $0 != "\n" }, sourceLocation: sourceLocation)
    }

    @Test("a running relay is healthy, with HOST set and without", arguments: ["127.0.0.1", "localhost", nil])
    func healthy(host: String?) async throws {
        try await withRelay { relay in
            var environment = ["PORT": "\(relay.port)"]
            environment["HOST"] = host
            let (status, errors) = try RelayProcess.health(environment)
            #expect(status == 0)
            #expect(errors.isEmpty)
        }
    }

    @Test("a draining relay is still healthy, and other variables do not matter")
    func draining() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 1)
            relay.engine.beginDrain()
            #expect(try RelayProcess.health(["PORT": "\(relay.port)", "MAX_ROOMS": "many"]).status == 0)
            try room.host.expectNothing()
        }
    }

    @Test("without a listener on the port the check fails")
    func nobody() async throws {
        let port = try await withRelay { $0.port }
        try expectUnhealthy(
            ["PORT": "\(port)", "HOST": "127.0.0.1"], "HOST 127.0.0.1, PORT \(port): Connection refused")
    }

    @Test(
        "a frozen relay is not healthy, whichever signals the check has blocked, and is again when it continues",
        arguments: [[], [SIGALRM]])
    func frozen(blocked: [Int32]) async throws {
        let process = try RelayProcess(["PORT": "0", "HOST": "127.0.0.1", "RELAY_THREADS": "1"])
        let environment = ["PORT": "\(try process.port())", "HOST": "127.0.0.1"]
        process.signal(SIGSTOP)
        let (status, errors) = try RelayProcess(environment, arguments: ["health"], blocked: blocked).end()
        #expect(status == 1)
        #expect(errors == "party-sockets: not healthy: GET /health is not answered within 2 s\n")
        process.signal(SIGCONT)
        #expect(try RelayProcess.health(environment).status == 0)
    }

    @Test(
        "something else on the port is not healthy",
        arguments: [
            (FakeMachine.reply("503 Service Unavailable", "x"), "answered with 503"),
            (FakeMachine.reply("302 Found", ""), "answered with 302"), ("SSH-2.0-OpenSSH_9.2\r\n", "HTTP"),
            ("", "without an answer"), ("HTTP/1.1 200 OK\r\nContent-", "without an answer"),
            (String(repeating: "x", count: 100_000), "HTTP"),
        ])
    func otherServer(answer: String, reason: String) async throws {
        let network = LoopbackNetwork()
        let machine = try FakeMachine(address: network.address(1), port: network.port) { _ in answer }
        let place = ["PORT": "\(network.port)", "HOST": LoopbackNetwork.text(network.address(1))]
        try expectUnhealthy(place, reason)
        withExtendedLifetime(machine) {}
    }

    @Test(
        "an address that cannot be used is reported in one line",
        arguments: [
            (["PORT": "0"], "PORT 0"), (["PORT": "http"], "PORT must be "), (["HOST": "no name"], "HOST no name"),
        ])
    func unusable(environment: [String: String], reason: String) async throws {
        try expectUnhealthy(environment, reason)
    }
}
