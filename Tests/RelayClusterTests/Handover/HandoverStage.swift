import NIOCore
import NIOHTTP1
import RelayCore
import Testing

@testable import RelayCluster

/// A cluster with fake siblings that take rooms, for as long as a test takes.
struct HandoverStage: Sendable {
    let cluster: Cluster
    let takers: [FakeTaker]
    let names: ScriptedNames
    let log: LogRecord
    let secret: ClusterSecret

    /// Limits under which nothing times out before the test itself does.
    static var patient: ClusterLimits {
        var limits = ClusterUnderTest.patient
        limits.handover = .hours(1)
        limits.handoverAttempt = .hours(1)
        limits.takersRound = .hours(1)
        limits.takersProbe = .hours(1)
        limits.takersKept = .hours(1)
        limits.takersDoubted = .hours(1)
        return limits
    }

    /// Starts the cluster and its siblings, and ends them after the body, which begins when the query of the start has
    /// ended.
    ///
    /// - Parameter machines: what the DNS does about the list; nil: all siblings are listed.
    static func run(
        takers count: Int, limits: ClusterLimits = patient, machines: ScriptedNames.Conduct<[[UInt8]]>? = nil,
        _ body: (HandoverStage) async throws -> Void
    ) async throws {
        let secret = try #require(ClusterSecret("0123456789abcdef0123456789abcdef"))
        var takers: [FakeTaker] = []
        let names = ScriptedNames()
        for number in 0..<count {
            let taker = try await FakeTaker(try ClusterUnderTest.id(number), secret: secret)
            takers.append(taker)
            names.script.change {
                $0.addresses[ClusterUnderTest.addressName(taker.id)] = .answers([taker.address])
            }
        }
        names.list(takers.map { "\($0.id) iad" })
        if let machines { names.script.change { $0.machines = machines } }
        let log = LogRecord()
        let cluster = try Cluster(ClusterUnderTest.configuration(), limits: limits, logger: log.logger) { _ in
            (names, {})
        }
        let stage = HandoverStage(cluster: cluster, takers: takers, names: names, log: log, secret: secret)
        if !names.script.value.machines.isSilent { await log.queries.wait { $0 == 1 } }
        do { try await body(stage) } catch {
            await cluster.shutdown()
            throw error
        }
        await cluster.shutdown()
        for taker in takers { try await taker.close() }
    }

    func handOver(_ number: UInt64 = 1, record: [UInt8] = [1, 2, 3]) async -> HandoverResult {
        await cluster.handOver(ClusterUnderTest.code(number), record: record, secret: secret)
    }

    func takeBack(_ number: UInt64 = 1, from taker: Int) async {
        await cluster.takeBack(ClusterUnderTest.code(number), from: takers[taker].id, secret: secret)
    }

    func room(_ number: UInt64 = 1, at taker: Int) -> [UInt8]? {
        takers[taker].state.value.rooms["\(ClusterUnderTest.code(number))"]
    }

    /// The methods of the orders that a sibling has had.
    func orders(of taker: Int) -> [String] { takers[taker].state.value.orders.map(\.method.rawValue) }

    var handovers: Tally<ClusterStatistics.HandoverResult> { cluster.statistics().handovers }
}
