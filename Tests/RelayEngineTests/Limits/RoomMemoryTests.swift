import RelayCore
import RelayWire
import TestSupport
import Testing

@testable import RelayEngine

@Suite("The rooms' memory", .blocking)
struct RoomMemoryTests {
    private static let full = #"{"type":"error","message":"Server is full"}"#

    private static func state(bytes: Int) -> String {
        #"{"type":"set_state","data":"\#(String(repeating: "x", count: bytes - 2))"}"#
    }

    // MARK: The count

    @Test("what is counted is what the rooms hold, whatever happens, and nothing without rooms", arguments: 1...6)
    func exact(seed: Int) throws {
        var dice = SeededGenerator(seed: UInt64(seed))
        let relay = try SteppedRelay {
            // Rooms fill their half now and then.
            $0.transport.maxBufferedBytes = 60_000
            $0.messageLimits.maxClientsPerRoom = 50
        }
        var clients: [TestClient] = []
        var wasRefused = false
        for _ in 0..<400 {
            if clients.count < 12 || dice.roll(3) == 0 { clients.append(try relay.connect()) }
            act(clients[dice.roll(clients.count)], on: relay, &clients, &dice)
            relay.settle()
            let held = relay.handler.rooms.values.reduce(0) { $0 + $1.heldBytes }
            #expect(relay.loop.handlerBytes == held)
            #expect(relay.loop.counters.handlerBytes.current == held)
            wasRefused = wasRefused || relay.handler.counters.limitsExceeded.current(.roomBytes) > 0
        }
        #expect(wasRefused)
        #expect(relay.loop.handlerBytes > 0)
        relay.end()
        // Those that were lost are dormant, and hold what they held.
        #expect(relay.loop.handlerBytes == relay.handler.rooms.values.reduce(0) { $0 + $1.heldBytes })
        #expect(relay.handler.counters.dormantRooms.current == relay.handler.rooms.count)
        #expect(relay.handler.shared.admission.roomCount == 0)
        while relay.handler.evictDormantRoom(on: relay.loop) {}
        #expect(relay.handler.rooms.isEmpty)
        #expect(relay.handler.dormantRooms.count == 0)
        #expect(relay.handler.shared.admission.dormantCount == 0)
        #expect(relay.loop.handlerBytes == 0)
    }

    /// Something that a client may do, fitting or not.
    private func act(
        _ client: TestClient, on relay: SteppedRelay, _ clients: inout [TestClient], _ dice: inout SeededGenerator
    ) {
        let codes = relay.handler.rooms.keys.map(\.description).sorted()
        switch dice.roll(12) {
        case 0..<3:
            let url =
                dice.roll(2) == 0
                ? "" : #","url":"https://x.example/\#(String(repeating: "x", count: dice.roll(400)))""#
            client.send(#"{"type":"create","clientId":"h\#(dice.roll(9))","maxClients":40\#(url)}"#)
        case 3..<8 where !codes.isEmpty:
            client.send(
                #"{"type":"join","clientId":"g\#(dice.roll(60))","room":"\#(codes[dice.roll(codes.count)])"}"#)
        case 8, 9:
            client.send(Self.state(bytes: 2 + dice.roll([100, 16_000][dice.roll(2)])))
        case 10:
            let goodbyes = [#"{"type":"close_room"}"#, #"{"type":"leave"}"#]
            client.send(goodbyes[dice.roll(2)])
        default:
            clients.removeAll { $0 === client }
            client.socket.close()
        }
    }

    // MARK: The bound

    @Test(
        "half of the bound full: no new room, slot or larger snapshot; but smaller ones, own slots, and all messages",
        arguments: [1, 4])
    func bound(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.transport.maxBufferedBytes = 200_000
        } _: { relay in
            let room = try relay.room(members: 3)
            let fillers = try fill(relay)
            let refused = relay.timesExceeded(.roomBytes)
            #expect(refused > 0)
            #expect(relay.timesExceeded(.rooms) == 0)

            let late = try relay.connect()
            try late.join(room.code, clientID: "client-3")
            try late.expect(Self.full)
            room.host.send(Self.state(bytes: 16_384))
            try room.host.expect(Self.full)
            #expect(relay.timesExceeded(.roomBytes) == refused + 2)

            // Who was here comes back, by reconnecting or by taking over, also by the connection just refused.
            let takeover = try relay.connect()
            room.members[1].socket.close()
            for member in [room.host, room.members[2]] { try member.expect(#"{"type":"peer_left","index":1}"#) }
            for slot in [1, 2] {
                let back = slot == 1 ? late : takeover
                try back.join(room.code, clientID: "client-\(slot)")
                _ = try back.text("joined")
                if slot == 1 {
                    for member in [room.host, room.members[2]] {
                        try member.expect(#"{"type":"peer_joined","index":1}"#)
                    }
                }
                room.host.send(#"{"type":"send","to":\#(slot),"data":"\#(String(repeating: "y", count: 3_000))"}"#)
                #expect(try back.text().count > 3_000)
            }
            for member in [fillers[0], room.host] { try member.expectNothing() }
            takeover.sits(at: 2)
            try takeover.expectNothing()
        }
    }

    /// Creates rooms with snapshots until one is refused, then smaller ones, and last takes slots until one is refused.
    ///
    /// - Returns: the rooms' hosts; without them the rooms are dormant, and make way.
    private func fill(_ relay: RunningRelay) throws -> [TestClient] {
        let first = try relay.connect()
        let code = try first.create(maxClients: 1_000)
        var hosts = [first]
        for size in [16_384, 4_000, 1_000, 100] {
            while true {
                let host = try relay.connect()
                host.send(#"{"type":"create","clientId":"host","maxClients":2}"#)
                guard try host.text("created") != Self.full else { break }
                hosts.append(host)
                host.send(Self.state(bytes: size))
                host.send(#"{"type":"send","to":0,"data":1}"#)
                let isRefused = try host.text() == Self.full
                if isRefused {
                    _ = try host.text()
                    break
                }
            }
        }
        // Now for the last bytes.
        for slot in 1...1_000 {
            let guest = try relay.connect()
            guest.send(#"{"type":"join","clientId":"guest \#(slot)","room":"\#(code)"}"#)
            guard try guest.text("joined") != Self.full else { return hosts }
            guest.socket.close()
            try first.expect(#"{"type":"peer_joined","index":\#(slot)}"#)
            try first.expect(#"{"type":"peer_left","index":\#(slot)}"#)
        }
        throw Unexpected(heard: .end, insteadOf: "a full server")
    }

    @Test("when rooms end, others get their memory", arguments: [1, 2])
    func freed(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.transport.maxBufferedBytes = 200_000
        } _: { relay in
            let hosts = try fill(relay)
            // The last slot may have taken more than was left.
            #expect((100_000...101_000).contains(relay.engine.statistics().roomBytes))
            for host in hosts {
                host.send(#"{"type":"close_room"}"#)
                try host.expectClose(4001, "room closed")
            }
            #expect(relay.engine.statistics().roomBytes == 0)
            let host = try relay.connect()
            try host.create()
            host.send(Self.state(bytes: 16_384))
            try host.expectNothing()
            #expect(relay.engine.statistics().roomBytes > 16_384)
        }
    }

    @Test("a snapshot that is not larger is taken where memory is full")
    func smallerSnapshot() async throws {
        try await withRelay {
            $0.transport.maxBufferedBytes = 200_000
        } _: { relay in
            let host = try relay.connect()
            try host.create()
            host.send(Self.state(bytes: 5_000))
            let others = try fill(relay)
            for (bytes, isTaken) in [(5_000, true), (6_000, false), (4_000, true), (16_384, false)] {
                host.send(Self.state(bytes: bytes))
                if isTaken { try host.expectNothing() } else { try host.expect(Self.full) }
            }
            for other in others { try other.expectNothing() }
        }
    }

    @Test("without a bound, rooms may hold any amount")
    func noBound() async throws {
        try await withRelay {
            $0.transport.maxBufferedBytes = 0
        } _: { relay in
            let host = try relay.connect()
            try host.create()
            host.send(Self.state(bytes: 16_384))
            try host.expectNothing()
            #expect(relay.engine.statistics().roomBytes > 16_384)
            #expect(relay.engine.statistics().bounds.roomBytes == 0)
        }
    }

    // MARK: New slots

    @Test("too many new clients at once are told so, and a player who was here before gets in", arguments: [1, 4])
    func newSlots(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 2, maxClients: 32)
            let strangers = try (0..<150).map { _ in try relay.connect() }
            for (number, stranger) in strangers.enumerated() {
                // Gone as soon as it is in.
                stranger.write(
                    TestClient.frame(#"{"type":"join","clientId":"stranger \#(number)","room":"\#(room.code)"}"#)
                        + TestClient.frame(.close, []))
            }
            let answers = try strangers.map { try $0.text() }
            let refused = answers.count { $0 == #"{"type":"error","message":"Too many attempts"}"# }
            // Some more than the burst, if this takes long.
            #expect((1...150 - 63).contains(refused))
            #expect(answers.count { $0.hasPrefix(#"{"type":"joined""#) } == 150 - refused)
            #expect(relay.timesExceeded(.newSlots) == refused)
            #expect(relay.timesExceeded(.missesPerMinute) == 0)
            let back = try relay.connect()
            try back.join(room.code, clientID: "client-1")
            try back.expect(#"{"type":"joined","room":"\#(room.code)","index":1,"peers":[0]}"#)
        }
    }
}
