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
        text.add("party_sockets_clients", .gauge, "Connected members of rooms.", statistics.clients)
        text.add("party_sockets_rooms", .gauge, "Rooms.", statistics.rooms)
        addOrigins(statistics.origins, to: &text)
        addTraffic(statistics, to: &text)
        for family in cluster { text.add(family) }
        addProcess(process, to: &text)
        return text.bytes
    }

    private func addOrigins(_ origins: OriginSnapshot, to text: inout PrometheusText) {
        text.add(
            "party_sockets_origins_tracked", .gauge, "Origins with counts of their own, 500 at most.", origins.tracked)
        func add(
            _ name: String, _ kind: PrometheusText.Kind, _ help: String, _ value: (OriginCounts) -> Int
        ) {
            let rows = origins.rows.map { ([("origin", $0.origin)], value($0.counts)) }
            let other = ([("origin", OriginTable.otherLabel)], value(origins.other))
            text.add(name, kind, help, series: rows + [other])
        }
        add("party_sockets_clients_by_origin", .gauge, "Members by the origin of their room.") { $0.liveClients }
        add("party_sockets_rooms_by_origin", .gauge, "Rooms by the origin of their creator.") { $0.liveRooms }
        add("party_sockets_connections_total", .counter, "WebSockets opened, by origin.") { $0.connections }
        add("party_sockets_rooms_created_total", .counter, "Rooms created, by origin.") { $0.roomsCreated }
    }

    private func addTraffic(_ statistics: EngineStatistics, to text: inout PrometheusText) {
        text.add(
            "party_sockets_open_connections", .gauge, "Open sockets: requests, WebSockets and closing ones.",
            statistics.openConnections)
        text.add("party_sockets_websockets", .gauge, "Open WebSockets, in a room or not.", statistics.webSockets)
        text.add(
            "party_sockets_messages_received_total", .counter, "Messages that clients sent.",
            statistics.messagesReceived)
        text.add(
            "party_sockets_deliveries_total", .counter, "Messages sent to clients; one to three of them counts three.",
            statistics.deliveries)
        text.add("party_sockets_received_bytes_total", .counter, "Bytes read.", statistics.bytesReceived)
        text.add("party_sockets_sent_bytes_total", .counter, "Bytes written.", statistics.bytesSent)
        text.add("party_sockets_sends_total", .counter, "System calls that wrote.", statistics.sends)
        text.add("party_sockets_closes_total", .counter, "Close frames sent.", statistics.closes)
        text.add(
            "party_sockets_idle_drops_total", .counter, "WebSockets dropped because they said nothing.",
            statistics.idleDrops)
        text.add(
            "party_sockets_bad_requests_total", .counter, "Requests that were no well-formed HTTP.",
            statistics.badRequests)
        text.add(
            "party_sockets_limits_total", .counter, "Times that a limit struck.",
            series: statistics.limitsStruck.map { ([("limit", $0.limit.rawValue)], $0.count) })
    }

    private func addProcess(_ process: ProcessUsage, to text: inout PrometheusText) {
        text.add("process_resident_memory_bytes", .gauge, "Resident memory.", process.residentBytes)
        text.add("process_heap_used_bytes", .gauge, "Memory in use on the heap.", process.heapBytes)
        text.add("process_uptime_seconds", .gauge, "Seconds since the process started.", process.uptime)
    }
}
