import Foundation
import Glibc
import Testing

@Suite("The start", .blocking)
struct StartTests {
    private static let environment = ["PORT": "0", "HOST": "127.0.0.1", "RELAY_THREADS": "2"]

    /// An obstacle to the start of a relay, and the line that reports it.
    struct Obstacle: CustomTestStringConvertible {
        let testDescription: String
        var environment: [String: String] = [:]
        var preparation: String?
        /// The beginning of the line, behind the name of the program.
        let says: String
        /// Texts that it contains besides.
        var names = "party-sockets"
    }

    private static let obstacles = [
        Obstacle(
            testDescription: "an address that is not ours", environment: ["HOST": "192.0.2.1"],
            says: "cannot listen on HOST 192.0.2.1, PORT 0: "),
        Obstacle(
            testDescription: "a host that is none", environment: ["HOST": "no name"],
            says: "cannot listen on HOST no name: "),
        Obstacle(
            testDescription: "one port for two things", environment: ["PORT": "23456", "METRICS_PORT": "23456"],
            says: "METRICS_PORT must be ", names: "not the same as PORT"),
        Obstacle(
            testDescription: "too few open files", preparation: "ulimit -n 117",
            says: "the hard limit of open files is 117", names: "at least 118"),
        Obstacle(
            testDescription: "too many loops for the open files", environment: ["RELAY_THREADS": "200"],
            preparation: "ulimit -n 500", says: "the hard limit of open files is 500", names: "RELAY_THREADS 200"),
    ]

    @Test("an obstacle to the start is reported in one line, and the status is 1", arguments: obstacles)
    func obstacle(_ obstacle: Obstacle) async throws {
        let environment = Self.environment.merging(obstacle.environment) { $1 }
        try expectFailure(RelayProcess(environment, preparation: obstacle.preparation), obstacle.says, obstacle.names)
    }

    @Test(
        "an invalid variable is reported with its name",
        arguments: [
            ("PORT", "http"), ("PORT", "65536"), ("METRICS_PORT", "off"), ("RELAY_THREADS", "0"), ("MAX_ROOMS", "-1"),
            ("LOG_LEVEL", "loud"), ("IO_URING", "yes"), ("INSTANCE_ID", "a b"), ("CLIENT_IP_HEADER", "a b"),
            ("DEMO", "yes"), ("ROOM_CODES", "short"),
            ("MAX_MESSAGE_BYTES", "2 MiB"),
            ("HOST_GRACE_SECONDS", "1.5"), ("DASHBOARD_URL", "https://a b"), ("DNS_SERVERS", "dns.example"),
        ])
    func unusable(variable: String, value: String) async throws {
        let process = try RelayProcess(Self.environment.merging([variable: value]) { $1 })
        try expectFailure(process, "\(variable) must be ", value)
    }

    @Test("a log of what was configured never shows the secret")
    func configurationLog() throws {
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("configuration-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: log) }
        let secret = "correct horse battery staple, and one more"
        let settings = ["CONFIG_ACCESS_LOG_FILE": log, "CLUSTER_SECRET": secret]
        _ = try RelayProcess(Self.environment.merging(settings) { $1 }).port()
        let text = try String(contentsOfFile: log, encoding: .utf8)
        #expect(text.contains("cluster.secret"))
        #expect(!text.contains(secret))
    }

    @Test("a port in use is reported with the variable that asks for it", arguments: ["PORT", "METRICS_PORT"])
    func portInUse(variable: String) async throws {
        try await withRelay { relay in
            let process = try RelayProcess(Self.environment.merging([variable: "\(relay.port)"]) { $1 })
            try expectFailure(process, "cannot listen on HOST 127.0.0.1, \(variable) \(relay.port): ", "in use")
        }
    }

    @Test("a port that the process has no right to is reported", .enabled(if: canLackRights))
    func privilegedPort() async throws {
        let preparation =
            geteuid() == 0 ? #"exec setpriv --bounding-set=-net_bind_service --no-new-privs "$0" "$@""# : "true"
        let process = try RelayProcess(Self.environment.merging(["PORT": "1"]) { $1 }, preparation: preparation)
        try expectFailure(process, "cannot listen on HOST 127.0.0.1, PORT 1: ", "denied")
    }

    /// True if the port needs a right, and the process does not have it or can drop it.
    private static var canLackRights: Bool {
        let first = try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding: .utf8)
        let isReserved = first.flatMap { Int($0.prefix { $0.isNumber }) } ?? 1_024 > 1
        let canLayDown = unsafe access("/usr/bin/setpriv", X_OK) == 0
        return isReserved && (geteuid() != 0 || canLayDown)
    }

    @Test("a failure to create a thread is reported", .enabled(if: canLackThreads))
    func threads() async throws {
        // Each thread takes 8 MiB of addresses for its stack.
        let process = try RelayProcess(
            Self.environment.merging(["RELAY_THREADS": "200"]) { $1 }, preparation: Self.fewAddresses)
        let (status, errors) = try process.end()
        #expect(status == 1)
        #expect(
            errors.wholeMatch(of: /party-sockets: cannot start event loop \d+ of 200 \(RELAY_THREADS\): [^\n]+\n/)
                != nil)
    }

    private static let fewAddresses = "ulimit -v 1000000"

    /// False under a sanitizer, which itself takes more address space than that.
    private static var canLackThreads: Bool {
        (try? RelayProcess([:], arguments: ["--version"], preparation: fewAddresses).end().status) == 0
    }

    @Test("the limit of open files is raised as far as it goes, and the limit of connections follows it")
    func raisesOpenFiles() async throws {
        let process = try RelayProcess(Self.environment, preparation: "ulimit -Sn 130 && ulimit -Hn 4000")
        _ = try process.port()
        let limits = try String(contentsOfFile: "/proc/\(process.identifier)/limits", encoding: .utf8)
        #expect(limits.contains(/Max open files[ ]+4000[ ]+4000[ ]/))
        #expect(process.outputText.contains(#""maxConnections":3749,"#))
        // Nobody has asked for more.
        #expect(!process.outputText.contains("warning"))

        let wanting = try RelayProcess(
            Self.environment.merging(["MAX_CONNECTIONS": "20000"]) { $1 }, preparation: "ulimit -n 4000")
        _ = try wanting.port()
        #expect(wanting.outputText.matches(of: /"level":"warning"/).count == 1)
        #expect(wanting.outputText.contains("MAX_CONNECTIONS is 3749 and not 20000: the limit of 4000 open files"))
    }

    @Test("with enough files for the configured limit there is no warning")
    func enoughOpenFiles() async throws {
        let process = try RelayProcess(
            Self.environment.merging(["MAX_CONNECTIONS": "48"]) { $1 }, preparation: "ulimit -n 118")
        let client = try TestClient(port: try process.port())
        #expect(!process.outputText.contains("warning"))
        try client.open()
        try client.create()
    }

    @Test("a missing DNS server does not prevent it")
    func deadDNS() async throws {
        let network = LoopbackNetwork()
        let process = try RelayProcess([
            "HOST": LoopbackNetwork.text(network.address(1)), "PORT": "\(network.port)", "RELAY_THREADS": "1",
            "FLY_APP_NAME": "party", "FLY_REGION": "ams", "INSTANCE_ID": "m-1",
            "DNS_SERVERS": "\(LoopbackNetwork.text(network.address(250))):\(network.port)",
        ])
        let client = try TestClient(address: network.address(1), port: try process.port())
        client.sendRequest("/health")
        #expect(try client.reply().status == 200)
    }

    private func expectFailure(
        _ process: RelayProcess, _ beginning: String, _ mention: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let (status, errors) = try process.end()
        #expect(status == 1, sourceLocation: sourceLocation)
        #expect(errors.hasPrefix("party-sockets: \(beginning)"), sourceLocation: sourceLocation)
        #expect(errors.contains(mention), sourceLocation: sourceLocation)
        #expect(errors.hasSuffix("\n") && errors.dropLast().allSatisfy { $0 != "\n" }, sourceLocation: sourceLocation)
    }
}
