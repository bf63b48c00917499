import RelayCore
import TestSupport
import Testing

@testable import RelayEngine
@testable import RelayServer

@Suite("The answer to a scrape")
struct MetricsPageTests {
    private static let process = ProcessUsage(
        residentBytes: 11, heapBytes: 12, uptime: 13_062_500_000, startTime: 14_500_000_000,
        processorTime: 15_250_000_000,
        openDescriptors: 16, maxDescriptors: 17)

    private static func page(
        _ statistics: EngineStatistics, instance: String = "one", region: String = "fra", version: String = "9.8",
        cluster: [MetricFamily] = []
    ) throws -> ExpositionFormat {
        let page = MetricsPage(instance: instance, region: region, version: version)
        return try ExpositionFormat(page.text(of: statistics, cluster: cluster, process: process))
    }

    @Test(
        "the metrics that dashboards use are present, with their types",
        arguments: [
            ("party_sockets_clients", "gauge"), ("party_sockets_rooms", "gauge"),
            ("party_sockets_origins_tracked", "gauge"), ("party_sockets_clients_by_origin", "gauge"),
            ("party_sockets_rooms_by_origin", "gauge"), ("party_sockets_connections_total", "counter"),
            ("party_sockets_rooms_created_total", "counter"), ("process_resident_memory_bytes", "gauge"),
            ("process_heap_used_bytes", "gauge"), ("process_uptime_seconds", "gauge"),
        ])
    func hasNames(name: String, kind: String) throws {
        let page = try MetricsPageTests.page(MadeUpStatistics().statistics)
        #expect(page.kinds[name] == kind)
        #expect(!page.samples(of: name).isEmpty)
    }

    @Test("the search on siblings has a counter with a series for each result")
    func clusterCounters() throws {
        let family = MetricFamily(
            "lookups_total", "Lookups.",
            .counter([.init([.init("result", "found")], 3), .init([.init("result", "not_found")], 0)]))
        let page = try MetricsPageTests.page(MadeUpStatistics().statistics, cluster: [family])
        #expect(page.kinds["lookups_total"] == "counter")
        #expect(page.samples(of: "lookups_total").map { $0.labels["result"] } == ["found", "not_found"])
        #expect(page.samples(of: "lookups_total").map(\.value) == [3, 0])
        #expect(page.samples(of: "lookups_total").allSatisfy { $0.labels["region"] == "FRA" })
    }

    @Test("a counter's name ends in total, and a gauge's does not")
    func namesCounters() throws {
        for (name, kind) in try MetricsPageTests.page(MadeUpStatistics().statistics).kinds {
            #expect(name.hasSuffix("_total") == (kind == "counter"), "\(name)")
        }
    }

    @Test(
        "every series has the instance, the region in upper case or `local`, and the version",
        arguments: [("fra", "FRA"), ("", "local"), ("my \"place\"\n", "MY \"PLACE\"\n"), ("zürich", "ZÜRICH")])
    func hasCommonLabels(region: String, label: String) throws {
        let page = try MetricsPageTests.page(MadeUpStatistics().statistics, region: region)
        #expect(page.samples.count > 20)
        for sample in page.samples {
            let own = ["origin", "limit", "code", "error", "kind", "state", "reason", "result", "le", "loop"]
            let common = sample.labels.filter { !own.contains($0.key) }
            #expect(common == ["instance": "one", "region": label, "version": "9.8"])
        }
    }

    @Test("a room and its members are counted under its creator's origin")
    func countsByOrigin() throws {
        let made = MadeUpStatistics()
        try made.play(from: "https://a.example", members: 3)
        try made.play(from: "https://a.example", members: 1)
        try made.play(from: "unknown", members: 2)
        let page = try MetricsPageTests.page(made.statistics)
        func values(_ name: String) -> [String: Double] {
            Dictionary(
                uniqueKeysWithValues: page.samples(of: name).map { ($0.labels["origin", default: ""], $0.value) })
        }
        let rows: [String: Double] = ["https://a.example": 4, "unknown": 2, "__other__": 0]
        #expect(values("party_sockets_clients_by_origin") == rows)
        #expect(values("party_sockets_connections_total") == rows)
        let rooms: [String: Double] = ["https://a.example": 2, "unknown": 1, "__other__": 0]
        #expect(values("party_sockets_rooms_by_origin") == rooms)
        #expect(values("party_sockets_rooms_created_total") == rooms)
        #expect(page.samples(of: "party_sockets_clients").map(\.value) == [6])
        #expect(page.samples(of: "party_sockets_rooms").map(\.value) == [3])
        #expect(page.samples(of: "party_sockets_origins_tracked").map(\.value) == [2])
    }

    @Test("up to a hundred origins are shown, and the others are summed")
    func bounds() throws {
        let made = MadeUpStatistics()
        for number in 0..<600 { try made.play(from: "https://\(number).example", members: 1) }
        let page = try MetricsPageTests.page(made.statistics)
        let clients = page.samples(of: "party_sockets_clients_by_origin")
        #expect(clients.count == 101)
        #expect(clients.map(\.value).reduce(0, +) == 600)
        #expect(clients.first { $0.labels["origin"] == "__other__" }?.value == 500)
        #expect(page.samples(of: "party_sockets_origins_tracked").map(\.value) == [500])
    }

    @Test(
        "an origin may be any text, and is read back unchanged",
        arguments: [
            "\"", "\\", "\\n", "a\"} 1 #", "null", "__other__", "tab\there", "ümlaut \u{1F600}", "e\u{301}",
            "a,b=\"c\"",
            "\u{FFFD}", "\u{2028}", "\\\"", "",
        ])
    func escapesOrigins(origin: String) throws {
        let made = MadeUpStatistics()
        try made.play(from: origin, members: 2)
        let page = try MetricsPageTests.page(made.statistics)
        let shown = page.samples(of: "party_sockets_clients_by_origin").first { $0.value == 2 }?.labels["origin"]
        // By their bytes, as Swift takes a letter and an accent for the one letter with it.
        #expect(shown.map { Array($0.utf8) } == Array(origin.utf8))
    }

    @Test("the counts of all loops are added up, each under its own name")
    func sumsLoops() throws {
        var made = MadeUpStatistics(loops: 2)
        for (index, loop) in made.loops.enumerated() {
            let factor = index == 0 ? 1 : 10
            loop.transport.openConnections.add(1 * factor)
            loop.transport.messagesReceived.add(2 * factor)
            loop.relay.deliveries.add(3 * factor)
            loop.transport.bytesReceived.add(4 * factor)
            loop.transport.bytesSent.add(5 * factor)
            loop.transport.sends.add(6 * factor)
            loop.transport.queuedBytes.add(7 * factor)
            loop.transport.idleDrops.add(8 * factor)
            loop.transport.badRequests.add(9 * factor)
            loop.transport.slowReaders.add(10 * factor)
            loop.transport.bufferedBytes.add(11 * factor)
            loop.relay.replayFallbacks.add(12 * factor)
            loop.transport.sendBatches.add(13 * factor)
            loop.transport.receiveBatches.add(14 * factor)
            loop.transport.handlerBytes.add(15 * factor)
            loop.relay.restored.add(16 * factor)
            loop.relay.unknownAnswers.add(17 * factor)
        }
        try made.admission.admitConnection()
        made.bounds.connections = 18
        made.bounds.rooms = 19
        made.bounds.bufferedBytes = 20
        made.bounds.roomBytes = 21
        let page = try MetricsPageTests.page(made.statistics)
        let values = Dictionary(
            page.samples.filter { $0.labels.count == 3 }.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        #expect(
            values == [
                "party_sockets_clients": 0, "party_sockets_rooms": 0, "party_sockets_origins_tracked": 0,
                "party_sockets_draining": 0, "party_sockets_max_connections": 18, "party_sockets_max_rooms": 19,
                "party_sockets_max_buffered_bytes": 20, "party_sockets_max_room_bytes": 21,
                "party_sockets_room_bytes": 165, "party_sockets_rooms_dormant": 0,
                "party_sockets_rooms_restored_total": 176, "party_sockets_unknown_answers_total": 187,
                "party_sockets_open_connections": 11, "party_sockets_websockets": 1,
                "party_sockets_queued_bytes": 77, "party_sockets_slow_readers": 110,
                "party_sockets_buffered_bytes": 121,
                "party_sockets_messages_received_total": 22, "party_sockets_deliveries_total": 33,
                "party_sockets_received_bytes_total": 44, "party_sockets_sent_bytes_total": 55,
                "party_sockets_sends_total": 66, "party_sockets_send_batches_total": 143,
                "party_sockets_receive_batches_total": 154,
                "party_sockets_io_uring": 0, "party_sockets_idle_drops_total": 88,
                "party_sockets_bad_requests_total": 99, "party_sockets_replay_fallbacks_total": 132,
                "party_sockets_relay_seconds_sum": 0, "party_sockets_relay_seconds_count": 0,
                "party_sockets_turn_seconds_sum": 0, "party_sockets_turn_seconds_count": 0,
                "process_resident_memory_bytes": 11, "process_heap_used_bytes": 12, "process_uptime_seconds": 13.0625,
                "process_start_time_seconds": 14.5, "process_cpu_seconds_total": 15.25, "process_open_fds": 16,
                "process_max_fds": 17,
            ])
    }

    @Test(
        "io_uring is 1 if all loops have a ring, and 0 if one has none",
        arguments: [([1, 1], 1), ([1, 0], 0), ([0, 0], 0)])
    func showsIOUring(rings: [Int], value: Double) throws {
        let made = MadeUpStatistics(loops: rings.count)
        for (loop, count) in zip(made.loops, rings) { loop.transport.ring.add(count) }
        let page = try MetricsPageTests.page(made.statistics)
        #expect(page.samples(of: "party_sockets_io_uring").map(\.value) == [value])
    }

    @Test("draining is 1 from the start of a drain")
    func showsDrain() throws {
        let made = MadeUpStatistics()
        made.admission.beginDrain()
        let page = try MetricsPageTests.page(made.statistics)
        #expect(page.samples(of: "party_sockets_draining").map(\.value) == [1])
    }
}
