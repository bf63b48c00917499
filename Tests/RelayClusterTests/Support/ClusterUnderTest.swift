import Logging
import NIOCore
import NIOPosix
import RelayCore
import Testing

@testable import RelayCluster

/// A cluster with fake siblings and a scripted DNS, for as long as a test takes.
struct ClusterUnderTest: Sendable {
    let cluster: Cluster
    let siblings: [FakeSibling]
    let names: ScriptedNames
    let log: LogRecord

    static let app = "game"

    /// The id of the sibling with this number.
    static func id(_ number: Int) throws -> InstanceID {
        try #require(InstanceID("e2865\(100_000_000 + number)"))
    }

    static func code(_ number: UInt64) -> RoomCode {
        RoomCode(home: nil, random: number)
    }

    static func addressName(_ id: InstanceID) -> String { "\(id).vm.\(app).internal" }

    /// Limits under which nothing times out before the test itself does.
    static var patient: ClusterLimits {
        var limits = ClusterLimits()
        limits.lookup = .hours(1)
        limits.patienceWithSuspects = .hours(1)
        // But nobody waits long for the sibling that should have a room.
        limits.patience = .init(least: .milliseconds(1), most: .milliseconds(1))
        limits.silence = .init(least: .hours(1), most: .hours(1))
        limits.connections.stalled = .hours(1)
        limits.readyPeerLookup = .hours(1)
        limits.readinessProbe = .hours(1)
        (limits.names.fresh, limits.names.doubtful, limits.names.missing) = (.hours(1), .hours(1), .hours(1))
        (limits.names.final, limits.names.betweenFinal) = (.hours(1), .hours(1))
        (limits.missMemory, limits.doubtfulMissMemory) = (.hours(1), .hours(1))
        limits.names.patience = .hours(1)
        limits.names.query = .hours(1)
        return limits
    }

    /// Starts the cluster and its siblings, and ends them after the body, which begins when the query of the start has
    /// ended; what was asked is counted from then on.
    ///
    /// - Parameter machines: what the DNS does about the list at the start; nil: all siblings are listed.
    static func run(
        _ conducts: [FakeSibling.Conduct], limits: ClusterLimits = patient,
        machines: ScriptedNames.Conduct<[[UInt8]]>? = nil, _ body: (ClusterUnderTest) async throws -> Void
    ) async throws {
        var siblings: [FakeSibling] = []
        let names = ScriptedNames()
        for (number, conduct) in conducts.enumerated() {
            let sibling = try await FakeSibling(try id(number), conduct)
            siblings.append(sibling)
            names.script.change { $0.addresses[addressName(sibling.id)] = .answers([sibling.address]) }
        }
        names.list(siblings.map { "\($0.id) iad" })
        if let machines { names.script.change { $0.machines = machines } }
        let log = LogRecord()
        let cluster = try Cluster(configuration(), limits: limits, logger: log.logger) { _ in (names, {}) }
        let test = ClusterUnderTest(cluster: cluster, siblings: siblings, names: names, log: log)
        if !names.script.value.machines.isSilent {
            await log.queries.wait { $0 == 1 }
            names.script.change { $0.asked = [] }
        }
        do { try await body(test) } catch {
            await cluster.shutdown()
            throw error
        }
        await cluster.shutdown()
        for sibling in siblings { try await sibling.close() }
    }

    static func configuration() throws -> ClusterConfiguration {
        ClusterConfiguration(
            siblings: .fly(app: app, region: try #require(Region(name: "iad"))), instance: InstanceID("self"), port: 1,
            nameServers: nil)
    }

    /// An address at which nobody listens.
    static func deserted() async throws -> SocketAddress {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.77.0.1", port: 0).get()
        let address = try #require(channel.localAddress)
        try await channel.close()
        return address
    }

    /// Looks for a room that nobody has, so that all connections to siblings are open.
    func connect() async {
        _ = await locate(99_999)
    }

    /// Gives a sibling another address in the DNS.
    func move(_ sibling: Int, to conduct: ScriptedNames.Conduct<[SocketAddress]>) {
        let name = ClusterUnderTest.addressName(siblings[sibling].id)
        names.script.change { $0.addresses[name] = conduct }
    }

    /// Returns when so many siblings are suspects.
    func untilSuspects(_ count: Int) async throws {
        while cluster.statistics().suspects != count { try await Task.sleep(for: .milliseconds(1)) }
    }

    func locate(_ number: UInt64) async -> InstanceID? {
        await cluster.holder(of: ClusterUnderTest.code(number))
    }

    var lookups: Tally<ClusterStatistics.LookupResult> { cluster.statistics().lookups }
    var probes: Tally<ClusterStatistics.ProbeResult> { cluster.statistics().probes }
    var queries: Tally<ClusterStatistics.QueryResult> { cluster.statistics().queries }

    /// The number of requests that have reached the siblings.
    var requestCount: Int { siblings.reduce(0) { $0 + $1.traffic.value.requests.count } }
}

extension Cluster {
    /// The sibling that holds a room; nil if none does, or nobody can tell.
    func holder(of code: RoomCode) async -> InstanceID? {
        switch await locate(code) {
        case .sibling(let sibling): sibling
        case .nowhere, .unknown: nil
        }
    }
}
