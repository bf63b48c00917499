internal import RelayCore
internal import RelayEngine

/// The answer to a scrape.
struct MetricsPage: Sendable {
    private let instance: String
    private let region: String
    private let version: String

    init(instance: String, region: String, version: String) {
        self.instance = instance
        self.region = region.isEmpty ? "local" : region.uppercased()
        self.version = version
    }

    func text(of statistics: EngineStatistics, cluster: [MetricFamily], process: ProcessUsage) -> [UInt8] {
        var text = PrometheusText(commonLabels: [("instance", instance), ("region", region), ("version", version)])
        let families = [
            rooms(statistics), absences(statistics), connections(statistics), traffic(statistics),
            failures(statistics), replays(statistics), cluster, usage(process),
        ]
        for family in families.joined() { text.add(family) }
        return text.bytes
    }

    private func rooms(_ statistics: EngineStatistics) -> [MetricFamily] {
        let origins = statistics.origins
        return [
            .gauge("party_sockets_clients", "Connected members of rooms.", statistics.clients),
            .gauge("party_sockets_rooms", "Rooms that have members.", statistics.rooms),
            .gauge("party_sockets_max_rooms", "The most rooms that may be, 0 for any number.", statistics.bounds.rooms),
            .gauge(
                "party_sockets_room_bytes", "Memory of the rooms themselves: slots, snapshots, urls.",
                statistics.roomBytes),
            .gauge(
                "party_sockets_max_room_bytes", "The most memory that those may take, 0 for any amount.",
                statistics.bounds.roomBytes),
            .gauge("party_sockets_loop_rooms", "Rooms by event loop.", byLoop: statistics.roomsByLoop),
            .counter(
                "party_sockets_joins_total",
                "Slots taken by joining: new ones, own ones again after a disconnect, own ones from an open connection.",
                by: "kind", statistics.joins),
            .gauge(
                "party_sockets_draining", "1 while no room is created because the relay ends.",
                statistics.isDraining ? 1 : 0),
            .gauge(
                "party_sockets_origins_tracked", "Origins with counts of their own, 500 at most.", origins.tracked),
            MetricFamily(
                "party_sockets_clients_by_origin", "Members by the origin of their room.",
                .gauge(OriginSnapshot.samples(origins.loads, origins.otherLoad, \.clients))),
            MetricFamily(
                "party_sockets_rooms_by_origin", "Rooms by the origin of their creator.",
                .gauge(OriginSnapshot.samples(origins.loads, origins.otherLoad, \.rooms))),
            MetricFamily(
                "party_sockets_connections_total", "WebSockets opened, by origin.",
                .counter(OriginSnapshot.samples(origins.totals, origins.otherTotals, \.connections))),
            MetricFamily(
                "party_sockets_rooms_created_total", "Rooms created, by origin.",
                .counter(OriginSnapshot.samples(origins.totals, origins.otherTotals, \.roomsCreated))),
        ]
    }

    private func usage(_ process: ProcessUsage) -> [MetricFamily] {
        [
            .gauge("process_resident_memory_bytes", "Resident memory.", process.residentBytes),
            .gauge("process_heap_used_bytes", "Memory in use on the heap.", process.heapBytes),
            MetricFamily(
                "process_uptime_seconds", "Time since the process started.",
                .gauge([.init(.nanoseconds(process.uptime))])),
            MetricFamily(
                "process_start_time_seconds", "When the process started, in Unix time.",
                .gauge([.init(.nanoseconds(process.startTime))])),
            MetricFamily(
                "process_cpu_seconds_total", "Time that the process has computed, for itself and in the kernel.",
                .counter([.init(.nanoseconds(process.processorTime))])),
            .gauge("process_open_fds", "Open file descriptors.", process.openDescriptors),
            .gauge("process_max_fds", "The most file descriptors that may be open.", process.maxDescriptors),
        ]
    }
}

extension OriginSnapshot {
    /// A series for each of these origins, and one for the others.
    fileprivate static func samples<Counts>(
        _ rows: [Row<Counts>], _ others: Counts, _ value: (Counts) -> Int
    ) -> [MetricFamily.Sample] {
        rows.map { .init([.init("origin", $0.origin)], .count(value($0.counts))) }
            + [.init([.init("origin", OriginTable.otherLabel)], .count(value(others)))]
    }
}

extension MetricFamily {
    /// A gauge with one series.
    static func gauge(_ name: String, _ help: String, _ value: Int) -> MetricFamily {
        MetricFamily(name, help, .gauge([.init(.count(value))]))
    }

    /// A counter with one series.
    static func counter(_ name: String, _ help: String, _ value: Int) -> MetricFamily {
        MetricFamily(name, help, .counter([.init(.count(value))]))
    }

    /// A counter with a series for each case, including those not counted yet: a rate needs a first value.
    static func counter<Key: CaseIterable & Hashable & RawRepresentable<String>>(
        _ name: String, _ help: String, by label: String, _ counts: [Key: Int]
    ) -> MetricFamily {
        MetricFamily(name, help, .counter(samples(by: label, counts)))
    }

    /// The same for a gauge.
    static func gauge<Key: CaseIterable & Hashable & RawRepresentable<String>>(
        _ name: String, _ help: String, by label: String, _ counts: [Key: Int]
    ) -> MetricFamily {
        MetricFamily(name, help, .gauge(samples(by: label, counts)))
    }

    /// A gauge with a series for each event loop.
    static func gauge(_ name: String, _ help: String, byLoop values: [Int]) -> MetricFamily {
        MetricFamily(
            name, help,
            .gauge(values.enumerated().map { Sample([Label("loop", String($0))], .count($1)) }))
    }

    private static func samples<Key: CaseIterable & Hashable & RawRepresentable<String>>(
        by label: String, _ counts: [Key: Int]
    ) -> [Sample] {
        Key.allCases.map { Sample([Label(label, $0.rawValue)], .count(counts[$0] ?? 0)) }
    }
}
