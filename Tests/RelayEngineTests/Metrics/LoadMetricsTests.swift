import RelayCore
import RelayEngine
import RelayWire
import TestSupport
import Testing

@Suite("Metrics of connections, queues and times", .blocking)
struct LoadMetricsTests {
    private static let states = "party_sockets_connections_by_state"

    private static func frankfurt(_ configuration: inout EngineConfiguration) {
        configuration.identity = RoutingIdentity(
            isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
        configuration.transport.lookupTimeout = 0
    }

    @Test("every connection is counted under its state, and the states add up to all", arguments: [1, 4])
    func states(loops: Int) async throws {
        let siblings = ScriptedSiblings(isSilent: true)
        try await withRelay(loops: loops, siblings: siblings, configure: Self.frankfurt) { relay in
            let room = try relay.room(members: 3)
            let strangers = [try relay.connect(), try relay.connect()]
            let request = try relay.dial()
            request.sendRequest("/health")
            _ = try request.reply()
            let parked = try relay.dial()
            parked.sendRequest(
                "/room/\(RoomCode(home: Region(name: "fra"), random: 1))", headers: ["X-Forwarded-For: 192.0.2.1"])
            await siblings.untilAsked(1)
            // It uses a connection of its own, so each scrape finds the same.
            let scraper = try relay.dial()
            // Its loop has begun the lookup by the time it is known to wait, but may count it a moment later.
            var counts = try scraper.scrape().counts(Self.states, by: "state")
            for _ in 0..<1_000 where counts["parked"] == nil {
                counts = try scraper.scrape().counts(Self.states, by: "state")
            }
            #expect(counts == ["member": 3, "unseated": 2, "http": 2, "parked": 1])
            #expect(try scraper.scrape()["party_sockets_open_connections"] == 8)

            // It sends a close frame, but keeps the connection open: the relay waits for its end.
            room.members[2].send(.close, [])
            try room.host.expect(#"{"type":"peer_left","index":2}"#)
            #expect(
                try scraper.scrape().counts(Self.states, by: "state")
                    == ["member": 2, "unseated": 2, "http": 2, "parked": 1, "closing": 1])
            await siblings.answerAll(.nowhere)
            #expect(try parked.reply().status == 404)
            #expect(try scraper.scrape().counts(Self.states, by: "state")["parked"] == nil)
            for stranger in strangers { try stranger.create() }
            #expect(try scraper.scrape().counts(Self.states, by: "state")["member"] == 4)
        }
    }

    @Test("the metrics show a slow reader's queue while there is one, and the configured bounds")
    func queues() async throws {
        try await withRelay {
            $0.transport.maxQueuedBytes = 0
            $0.transport.maxBufferedBytes = 1 << 30
            $0.transport.messagesPerSecond = 0
            $0.maxRooms = 7
            $0.maxConnections = 8
        } _: { relay in
            var room = try relay.room(members: 1)
            try room.add(try relay.connect(receiveBuffer: 16 << 10))
            var page = try relay.page()
            #expect(page["party_sockets_max_rooms"] == 7)
            #expect(page["party_sockets_max_connections"] == 8)
            #expect(page["party_sockets_max_buffered_bytes"] == Double(1 << 30))
            #expect(page["party_sockets_slow_readers"] == 0)
            #expect(page["party_sockets_queued_bytes"] == 0)
            let data = String(repeating: "x", count: 20_000)
            var sent = 0
            while page["party_sockets_slow_readers"] == 0, sent < 2_000 {
                for _ in 0..<50 { room.host.send(#"{"type":"send","to":1,"data":"\#(data)"}"#) }
                sent += 50
                try room.host.expectNothing()
                page = try relay.page()
            }
            #expect(page["party_sockets_slow_readers"] == 1)
            #expect(page["party_sockets_queued_bytes"] ?? 0 > 0)
            #expect(page["party_sockets_buffered_bytes"] ?? 0 >= page["party_sockets_queued_bytes"] ?? .infinity)
            for _ in 0..<sent { _ = try room.members[1].text() }
            room.members[1].sits(at: 1)
            try room.members[1].expectNothing()
            page = try relay.page()
            #expect(page["party_sockets_slow_readers"] == 0)
            #expect(page["party_sockets_queued_bytes"] == 0)
            #expect(page["party_sockets_buffered_bytes"] == 0)
        }
    }

    @Test("each message is timed once, wherever it was handled", arguments: [1, 4])
    func times(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let rooms = try (0..<4).map { _ in try relay.room(members: 3) }
            for room in rooms {
                for _ in 0..<100 { room.host.send(#"{"type":"send","to":0,"data":1}"#) }
                room.host.send("no message, but one that was received")
                for _ in 0..<101 { _ = try room.host.text() }
            }
            for room in rooms { try room.host.expectNothing() }
            let statistics = relay.engine.statistics()
            // The turns of the last echoes may not have ended yet.
            let timed = statistics.relayTime.counts.reduce(0, +)
            #expect(statistics.messagesReceived == 4 * 105)
            #expect((4 * 104...4 * 105).contains(timed))
            #expect(statistics.relayTime.sum > 0)
            #expect(statistics.turnTime.sum > 0)
        }
    }

    @Test("when all loops have ended, every message has been timed and every gauge is zero", arguments: [1, 4])
    func ended(loops: Int) async throws {
        let engine = try await withRelay(loops: loops) { relay in
            let rooms = try (0..<4).map { _ in try relay.room(members: 3) }
            for room in rooms { try room.host.expectNothing() }
            _ = try relay.connect()
            return relay.engine
        }
        let statistics = engine.statistics()
        #expect(statistics.relayTime.counts.reduce(0, +) == statistics.messagesReceived)
        #expect(statistics.messagesReceived == 4 * 4)
        #expect(statistics.openConnections == 0)
        #expect(statistics.connectionsByState.values.allSatisfy { $0 == 0 })
        #expect(statistics.queuedBytes == 0)
        #expect(statistics.slowReaders == 0)
        #expect(statistics.bufferedBytes == 0)
    }

    @Test("the process metrics are those of this process")
    func process() async throws {
        try await withRelay { relay in
            let page = try relay.page()
            #expect(page["process_cpu_seconds_total"] ?? 0 > 0)
            #expect(page["process_open_fds"] ?? 0 > 3)
            #expect(page["process_max_fds"] ?? 0 >= page["process_open_fds"] ?? .infinity)
            #expect(page["process_start_time_seconds"] ?? 0 > 1_700_000_000)
        }
    }
}
