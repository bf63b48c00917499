import RelayCore
import TestSupport
import Testing

@testable import RelayEngine
@testable import RelayServer

@Suite("Metrics by kind")
struct MetricsPageTableTests {
    private static func page(_ made: MadeUpStatistics) throws -> ExpositionFormat {
        let page = MetricsPage(instance: "one", region: "fra", version: "9.8")
        return try ExpositionFormat(page.text(of: made.statistics, cluster: [], process: ProcessUsage()))
    }

    /// Counts a key on two loops, and expects the sum under its name, and nothing under those of the others.
    private static func check<Key: CounterKey>(
        _ key: Key, in metric: String, by label: String, add: (LoopCounters, Int) -> Void
    ) throws {
        let made = MadeUpStatistics(loops: 2)
        add(made.loops[0], 2)
        add(made.loops[1], 3)
        let samples = try page(made).samples(of: metric)
        #expect(samples.map { $0.labels[label] } == Key.allCases.map(\.rawValue))
        #expect(samples.filter { $0.value != 0 }.map { $0.labels[label] } == [key.rawValue])
        #expect(samples.map(\.value).reduce(0, +) == 5)
    }

    @Test("each limit has a counter of its own", arguments: Limit.allCases)
    func limits(limit: Limit) throws {
        try Self.check(limit, in: "party_sockets_limits_total", by: "limit") {
            $0.relay.limitsExceeded.add($1, for: limit)
        }
    }

    @Test("each limit of the transport is counted under its name", arguments: TransportLimit.allCases)
    func transportLimits(limit: TransportLimit) throws {
        let made = MadeUpStatistics(loops: 2)
        made.loops[1].transport.limitsExceeded.add(3, for: limit)
        let samples = try Self.page(made).samples(of: "party_sockets_limits_total").filter { $0.value != 0 }
        // The operator knows it by what is looked up.
        let name = limit == .lookupTimeout ? "sibling_search" : limit.rawValue
        #expect(samples.map { $0.labels["limit"] } == [name])
        #expect(samples.map(\.value) == [3])
    }

    @Test("each close code has a counter of its own", arguments: CloseReason.allCases)
    func closes(reason: CloseReason) throws {
        try Self.check(reason, in: "party_sockets_closes_total", by: "code") {
            $0.transport.closes.add($1, for: reason)
        }
    }

    @Test("each error has a counter of its own", arguments: RelayError.Kind.allCases)
    func errors(kind: RelayError.Kind) throws {
        try Self.check(kind, in: "party_sockets_errors_total", by: "error") { $0.relay.errors.add($1, for: kind) }
    }

    @Test("each reason to refuse a handshake has a counter of its own", arguments: HandshakeRefusal.allCases)
    func refusals(reason: HandshakeRefusal) throws {
        try Self.check(reason, in: "party_sockets_handshakes_refused_total", by: "reason") {
            $0.relay.handshakesRefused.add($1, for: reason)
        }
    }

    @Test("each kind of join has a counter of its own", arguments: JoinKind.allCases)
    func joins(kind: JoinKind) throws {
        try Self.check(kind, in: "party_sockets_joins_total", by: "kind") { $0.relay.joins.add($1, for: kind) }
    }

    @Test("each end of a dormant room has a counter of its own", arguments: Expiry.allCases)
    func expired(expiry: Expiry) throws {
        try Self.check(expiry, in: "party_sockets_rooms_expired_total", by: "reason") {
            $0.relay.expired.add($1, for: expiry)
        }
    }

    @Test("each result of an order to take a room has a counter of its own", arguments: Arrival.allCases)
    func arrivals(arrival: Arrival) throws {
        try Self.check(arrival, in: "party_sockets_rooms_received_total", by: "result") {
            $0.relay.arrivals.add($1, for: arrival)
        }
    }

    @Test("each kind of replay has a counter of its own", arguments: ReplayKind.allCases)
    func replays(kind: ReplayKind) throws {
        try Self.check(kind, in: "party_sockets_replays_total", by: "kind") { $0.relay.replays.add($1, for: kind) }
    }

    @Test(
        "a WebSocket is a member of a room or in none, and no count is negative",
        arguments: [
            (http: 1, parked: 2, sockets: 7, closing: 3, members: 4, unseated: 3.0, seated: 4.0),
            (http: 0, parked: 0, sockets: 2, closing: 0, members: 3, unseated: 0, seated: 2),
            (http: -1, parked: 0, sockets: -1, closing: -1, members: 1, unseated: 0, seated: 0),
            (http: 0, parked: 0, sockets: 1, closing: 0, members: -1, unseated: 1, seated: 0),
        ])
    func states(
        http: Int, parked: Int, sockets: Int, closing: Int, members: Int, unseated: Double, seated: Double
    ) throws {
        let made = MadeUpStatistics(loops: 2)
        for (phase, count) in [
            (CountedPhase.http, http), (.parked, parked), (.webSocket, sockets), (.closing, closing),
        ] {
            made.loops[0].transport.connectionsByPhase.add(10, for: phase)
            made.loops[1].transport.connectionsByPhase.add(count - 10, for: phase)
        }
        made.loops[0].relay.clients.add(members)
        let samples = try Self.page(made).samples(of: "party_sockets_connections_by_state")
        let values = samples.map { "\($0.labels["state", default: ""]) \($0.value)" }
        #expect(
            values == [
                "http \(Double(max(http, 0)))", "parked \(Double(parked))", "unseated \(unseated)", "member \(seated)",
                "closing \(Double(max(closing, 0)))",
            ])
    }

    @Test("gauges are summed over the loops before they are shown, as a single loop's may be negative")
    func gauges() throws {
        let made = MadeUpStatistics(loops: 2)
        for (index, loop) in made.loops.enumerated() {
            let value = index == 0 ? 5 : -3
            loop.relay.clients.add(value)
            loop.transport.openConnections.add(value)
            loop.transport.queuedBytes.add(-value)
            loop.transport.slowReaders.add(-value)
            loop.transport.bufferedBytes.add(value)
            loop.transport.handlerBytes.add(-value)
        }
        let page = try Self.page(made)
        for (name, value) in [("clients", 2.0), ("open_connections", 2), ("buffered_bytes", 2)] {
            #expect(page.samples(of: "party_sockets_\(name)").map(\.value) == [value], "\(name)")
        }
        for name in ["queued_bytes", "slow_readers", "room_bytes"] {
            #expect(page.samples(of: "party_sockets_\(name)").map(\.value) == [0], "\(name)")
        }
    }

    @Test("rooms that are dormant, have come back, or could not be found are counted, and are no rooms with members")
    func absences() throws {
        let made = MadeUpStatistics(loops: 2)
        for _ in 0..<5 { try made.admission.admitRoom() }
        made.admission.dormantRoomsChanged(by: 3)
        for loop in made.loops {
            loop.relay.restored.add(2)
            loop.relay.unknownAnswers.add(4)
        }
        let page = try Self.page(made)
        for (name, value) in [
            ("rooms", 2.0), ("rooms_dormant", 3), ("rooms_restored_total", 4), ("unknown_answers_total", 8),
        ] {
            #expect(page.samples(of: "party_sockets_\(name)").map(\.value) == [value], "\(name)")
        }
    }

    @Test("each loop has its own series of rooms and of open sockets")
    func byLoop() throws {
        let made = MadeUpStatistics(loops: 3)
        let places = [0, 2, 2].map { RoomPlace(onLoop: $0, of: made.loops.map(\.rooms)) }
        made.loops[1].transport.openConnections.add(4)
        let page = try Self.page(made)
        for (name, values) in [("rooms", [1.0, 0, 2]), ("connections", [0, 4, 0])] {
            let samples = page.samples(of: "party_sockets_loop_\(name)")
            #expect(samples.map { $0.labels["loop"] } == ["0", "1", "2"])
            #expect(samples.map(\.value) == values, "\(name)")
        }
        withExtendedLifetime(places) {}
    }

    @Test("the histograms of all loops are merged")
    func histograms() throws {
        let made = MadeUpStatistics(loops: 2)
        made.loops[0].transport.relayTime.observe(nanoseconds: 60_000, weight: 3)
        made.loops[1].transport.relayTime.observe(nanoseconds: 100_000, weight: 2)
        made.loops[1].transport.relayTime.observe(nanoseconds: 2_000_000_000)
        made.loops[1].transport.turnTime.observe(nanoseconds: 50_000)
        let page = try Self.page(made)
        func buckets(_ name: String) -> [Double] { page.samples(of: "\(name)_bucket").map(\.value) }
        #expect(buckets("party_sockets_relay_seconds") == [0] + [Double](repeating: 5, count: 12) + [6])
        #expect(page.samples(of: "party_sockets_relay_seconds_sum").map(\.value) == [2.00038])
        #expect(buckets("party_sockets_turn_seconds") == [Double](repeating: 1, count: 14))
        #expect(page.samples(of: "party_sockets_turn_seconds_sum").map(\.value) == [0.00005])
    }
}
