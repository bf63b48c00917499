import RelayCore
import RelayEngine
import RelayWire
import TestSupport
import Testing

@Suite("Metrics over the wire", .blocking)
struct MetricsTests {
    private static let gauges = [
        "party_sockets_clients", "party_sockets_rooms", "party_sockets_origins_tracked",
        "party_sockets_clients_by_origin", "party_sockets_rooms_by_origin", "process_resident_memory_bytes",
        "process_heap_used_bytes", "process_uptime_seconds",
    ]
    private static let counters = ["party_sockets_connections_total", "party_sockets_rooms_created_total"]

    @Test("every name that dashboards use is there with its kind, and every series carries the labels")
    func names() async throws {
        try await withRelay {
            $0.identity.instance = InstanceID("m-1")
            $0.regionLabel = "fra"
        } _: { relay in
            let room = try relay.room(members: 1, origin: "https://a.test")
            let reply = try relay.get("/metrics")
            #expect(reply["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
            let page = try ExpositionFormat(Array(reply.body.utf8))
            for name in Self.gauges { #expect(page.kinds[name] == "gauge", "\(name)") }
            for name in Self.counters { #expect(page.kinds[name] == "counter", "\(name)") }
            for sample in page.samples {
                #expect(sample.labels["instance"] == "m-1")
                #expect(sample.labels["region"] == "FRA")
                #expect(sample.labels["version"]?.isEmpty == false)
            }
            for name in Self.gauges + Self.counters { #expect(!page.samples(of: name).isEmpty, "\(name)") }
            #expect(page["process_resident_memory_bytes"] ?? 0 > 1_000_000)
            try room.host.expectNothing()
        }
    }

    @Test("the values are right after clients of two sites have joined, played and partly left", arguments: [1, 4])
    func values(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            var first = try relay.room(members: 1, origin: "https://a.test")
            try first.add(try relay.connect(origin: "https://b.test"))
            try first.add(try relay.connect())
            let second = try relay.room(members: 1, origin: "https://b.test")
            let third = try relay.room(members: 1, origin: "https://b.test")
            let idle = try relay.connect(origin: "https://a.test")
            third.host.send(#"{"type":"close_room"}"#)
            try third.host.expectClose(4001, "room closed")
            first.members[2].send(.close, [])
            try first.host.expect(#"{"type":"peer_left","index":2}"#)

            let page = try relay.page()
            #expect(page["party_sockets_clients"] == 3)
            #expect(page["party_sockets_rooms"] == 2)
            #expect(page["party_sockets_origins_tracked"] == 3)
            #expect(page["party_sockets_websockets"] == 4)
            for (origin, clients, rooms, connections, created) in [
                ("https://a.test", 2.0, 1.0, 2.0, 1.0), ("https://b.test", 1, 1, 3, 2), ("unknown", 0, 0, 1, 0),
                ("__other__", 0, 0, 0, 0),
            ] {
                #expect(page["party_sockets_clients_by_origin", origin: origin] == clients, "\(origin)")
                #expect(page["party_sockets_rooms_by_origin", origin: origin] == rooms, "\(origin)")
                #expect(page["party_sockets_connections_total", origin: origin] == connections, "\(origin)")
                #expect(page["party_sockets_rooms_created_total", origin: origin] == created, "\(origin)")
            }
            try second.host.expectNothing()
            try idle.create()
        }
    }

    @Test("a takeover changes no count of clients")
    func takeover() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2, origin: "https://a.test")
            let new = try relay.connect()
            try new.join(room.code, clientID: "client-1")
            _ = try new.text()
            try room.members[1].expectClose(4000, "replaced")
            let page = try relay.page()
            #expect(page["party_sockets_clients"] == 2)
            #expect(page["party_sockets_clients_by_origin", origin: "https://a.test"] == 2)
        }
    }

    @Test("the bytes sent are counted, of large messages too", arguments: [100, 1 << 20])
    func bytesSent(size: Int) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            let before = relay.engine.statistics().bytesSent
            let data = "\"" + String(repeating: "x", count: size) + "\""
            room.host.send(#"{"type":"send","data":\#(data)}"#)
            try room.members[1].expect(#"{"type":"message","from":0,"data":\#(data)}"#)
            try room.host.expectNothing()
            let sent = relay.engine.statistics().bytesSent - before
            #expect((size..<size + 256).contains(sent))
        }
    }

    @Test("only the busiest 100 origins are shown, and the rest are summed")
    func manyOrigins() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 1, origin: "https://busy.test")
            for index in 0..<110 {
                let client = try relay.connect(origin: "https://\(index).test")
                client.socket.close()
            }
            let page = try relay.page()
            let shown = page.samples(of: "party_sockets_connections_total")
            #expect(shown.count == 101)
            #expect(shown.reduce(0) { $0 + $1.value } == 111)
            #expect(page["party_sockets_connections_total", origin: "__other__"] == 11)
            #expect(page["party_sockets_clients_by_origin", origin: "https://busy.test"] == 1)
            #expect(page["party_sockets_origins_tracked"] == 111)
            try room.host.expectNothing()
        }
    }

    @Test("only a scrape ranks the origins: a request for the front page costs less, and changes no count")
    func frontLeavesOriginsAlone() async throws {
        try await withRelay { relay in
            // The last of them by its name is the one that is not shown.
            for index in 100...200 { try relay.connect(origin: "https://\(index).test").socket.close() }
            #expect(try relay.get("/").status == 200)
            for _ in 0..<2 { try relay.connect(origin: "https://200.test").socket.close() }
            let page = try relay.page()
            #expect(page["party_sockets_connections_total", origin: "https://200.test"] == 3)
            #expect(page["party_sockets_connections_total", origin: "__other__"] == 1)
        }
    }
}
