import Testing

/// Machines of one region as processes, each at an address of its own, and the DNS that lists them.
final class TestCluster {
    struct Machine {
        let id: String
        let address: UInt32
        /// Nil for one that is listed but not running, or played by the test.
        let process: RelayProcess?
    }

    static let app = "party"
    static let region = "fra"
    /// A name with the addresses of all machines.
    static let service = "relay.internal"

    let network = LoopbackNetwork()
    private(set) var machines: [Machine] = []
    private var names: TestNameServer?

    /// - Parameter listed: the number of machines that the DNS lists from the start; nil for all.
    init(machines count: Int, listed: Int? = nil, environment: [String: String] = [:]) throws {
        for index in 0..<count { try machines.append(start(index + 1, environment)) }
        try startNames(listing: Array(machines.prefix(listed ?? count)))
        for machine in machines { _ = try machine.process?.port() }
    }

    private var nameServer: UInt32 { network.address(250) }

    private func start(_ host: Int, _ environment: [String: String]) throws -> Machine {
        let address = network.address(UInt32(host))
        let id = "machine-\(host)"
        let ours = [
            "HOST": LoopbackNetwork.text(address), "PORT": "\(network.port)", "RELAY_THREADS": "2",
            "FLY_APP_NAME": TestCluster.app, "FLY_REGION": TestCluster.region, "FLY_MACHINE_ID": id,
            "DNS_SERVERS": "\(LoopbackNetwork.text(nameServer)):\(network.port)", "DASHBOARD_URL": "",
            "IDLE_TIMEOUT_SECONDS": "0",
        ]
        return Machine(id: id, address: address, process: try RelayProcess(ours.merging(environment) { $1 }))
    }

    /// Lists a machine that the test plays itself, or that does not run.
    func addStranger(id: String) -> Machine {
        let machine = Machine(id: id, address: network.address(UInt32(machines.count + 1)), process: nil)
        machines.append(machine)
        return machine
    }

    // MARK: The DNS

    /// Starts the DNS, or starts it again with another list.
    func startNames(listing listed: [Machine]) throws {
        stopNames()
        // While a child of the last one still holds the port, the next one ends at once.
        for _ in 0..<100 {
            let names = try TestNameServer(
                at: nameServer, port: network.port, configuration: configuration(listing: listed))
            if names.answers("vms.\(TestCluster.app).internal") {
                self.names = names
                return
            }
        }
        Issue.record("dnsmasq does not answer")
    }

    private func configuration(listing listed: [Machine]) -> String {
        let domain = "\(TestCluster.app).internal"
        let list = listed.map { "\($0.id) \(TestCluster.region)" }.joined(separator: ",")
        return """
            no-resolv
            no-hosts
            no-poll
            local=/internal/
            cache-size=0
            bind-interfaces
            listen-address=\(LoopbackNetwork.text(nameServer))
            port=\(network.port)
            txt-record=vms.\(domain),"\(list)"

            """
                + listed.enumerated().map { index, machine in
                    let (name, address) = ("\(machine.id).vm.\(domain)", LoopbackNetwork.text(machine.address))
                    // Asked for an IPv6 address, dnsmasq has no data for the one, and denies that the other exists.
                    return index % 2 == 0 ? "host-record=\(name),\(address)\n" : "address=/\(name)/\(address)\n"
                }.joined()
                + listed.map { "host-record=\(TestCluster.service),\(LoopbackNetwork.text($0.address))\n" }.joined()
    }

    func stopNames() {
        names = nil
    }

    // MARK: Asking

    /// Sends one request to a machine, as the proxy forwards a player's.
    func get(_ target: String, at machine: Int, headers: [String] = ["X-Forwarded-For: 192.0.2.1"]) throws -> HTTPReply
    {
        let client = try dial(machine)
        client.sendRequest(target, headers: headers)
        return try client.reply()
    }

    func dial(_ machine: Int) throws -> TestClient {
        try TestClient(address: machines[machine].address, port: network.port)
    }

    /// A room on a machine, and its host.
    func room(on machine: Int) throws -> (code: String, host: TestClient) {
        let host = try dial(machine)
        try host.open("/")
        return (try host.create(), host)
    }

    /// The sum over all our machines of a counter, or of one of its series.
    func total(_ name: String, result: String? = nil) throws -> Int {
        try machines.indices.filter { machines[$0].process != nil }.reduce(0) { sum, machine in
            try sum + counter(name, result: result, of: machine)
        }
    }

    func counter(_ name: String, result: String? = nil, of machine: Int) throws -> Int {
        try get("/metrics", at: machine).body.split(separator: "\n").reduce(0) { sum, line in
            guard line.hasPrefix("\(name){"), result.map({ line.contains("result=\"\($0)\"") }) ?? true else {
                return sum
            }
            return sum + (line.split(separator: " ").last.flatMap { Int($0) } ?? 0)
        }
    }
}

/// The answer with which a machine has a request delivered to another.
func replay(to machine: TestCluster.Machine) -> String {
    "instance=\(machine.id);timeout=5s;fallback=force_self"
}
