import Foundation
import Testing

@Suite("The first lines of the program", .blocking)
struct FirstLinesTests {
    private static let environment = [
        "PORT": "0", "HOST": "127.0.0.1", "RELAY_THREADS": "1", "MAX_CONNECTIONS": "50",
    ]

    @Test(
        "with PORT=0 the first line is where it listens, before all warnings, and at that URL it answers",
        arguments: [
            ("127.0.0.1", "127.0.0.1"), ("127.0.0.9", "127.0.0.9"), ("0.0.0.0", "127.0.0.1"), ("", "127.0.0.1"),
        ])
    func portLine(host: String, name: String) async throws {
        // Each has its warning, which is known before the port.
        let doubtful = ["HOST": host, "FLY_REGION": "xyz", "DRAIN_SECONDS": "1", "DRAIN_DELAY_SECONDS": "2"]
        let process = try RelayProcess(Self.environment.merging(doubtful) { $1 })
        let (_, digits) = try process.output(matching: /"message":"listening".*"port":([0-9]+)/)
        let port = try #require(Int(digits))
        #expect(process.outputText.hasPrefix("{\"port\":\(port),\"url\":\"ws://\(name):\(port)\"}\n{"))
        #expect(process.outputText.matches(of: /"level":"warning"/).count == 2)
        let client = try TestClient(address: host == "127.0.0.9" ? 0x7F00_0009 : 0x7F00_0001, port: port)
        try client.open()
        try client.create()
    }

    @Test("a start that fails has no such line, but what it had to say")
    func failure() async throws {
        try await withRelay { relay in
            let doubtful = ["METRICS_PORT": "\(relay.port)", "FLY_REGION": "xyz"]
            let process = try RelayProcess(Self.environment.merging(doubtful) { $1 })
            let (status, errors) = try process.end()
            #expect(status == 1)
            #expect(errors.contains("METRICS_PORT"))
            #expect(!process.outputText.contains("\"url\""))
            #expect(process.outputText.contains("FLY_REGION"))
        }
    }

    @Test("with a port of its own the first line is one of the log")
    func ownPort() async throws {
        let network = LoopbackNetwork()
        let place = ["HOST": LoopbackNetwork.text(network.address(1)), "PORT": "\(network.port)"]
        let process = try RelayProcess(Self.environment.merging(place) { $1 })
        #expect(try process.port() == network.port)
        #expect(process.outputText.hasPrefix("{\"time\":"))
        #expect(!process.outputText.contains("This computer"))
    }

    @Test(
        "on a terminal it tells what to open, also where the log goes elsewhere", arguments: ["on", "off"],
        [true, false])
    func terminal(demo: String, logsToTerminal: Bool) async throws {
        let log = logsToTerminal ? "" : " >/dev/null"
        let process = try RelayProcess(
            Self.environment.merging(["DEMO": demo]) { $1 },
            // Gives it a terminal, and passes on what it writes there.
            preparation: #"exec script --quiet --flush --return --command "exec $0\#(log)" /dev/null"#)
        let path = demo == "on" ? "/demo" : "/"
        let (_, digits) = try process.output(matching: /This computer: http:\/\/127\.0\.0\.1:([0-9]+)\/[a-z]*\s/)
        #expect(process.outputText.contains("This computer: http://127.0.0.1:\(digits)\(path)\r\n"))
        #expect(!process.outputText.contains("Other devices"))
        #expect(process.outputText.hasPrefix("{\"port\":\(digits),") == logsToTerminal)
    }
}
