import Glibc
import RelayEngine
import RelayWire
import Testing

@Suite("Dormant rooms make way", .blocking)
struct MakingWayTests {
    private static func expired(_ expiry: Expiry, _ relay: RunningRelay) -> Int {
        relay.engine.statistics().expired[expiry] ?? 0
    }

    @Test("where there are as many rooms as may be, the dormant one that ends next makes way", arguments: [1, 2, 4])
    func rooms(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.maxRooms = 3
        } _: { relay in
            let rooms = try (0..<3).map { _ in try relay.room(members: 1) }
            for (number, room) in rooms.prefix(2).enumerated() {
                room.host.socket.reset()
                relay.untilDormant(number + 1)
            }
            var hosts: [TestClient] = []
            for number in 1...2 {
                let host = try relay.connect()
                try host.create()
                hosts.append(host)
                #expect(Self.expired(.evicted, relay) == number)
                #expect(relay.engine.statistics().dormantRooms == 2 - number)
                // With one loop it is told which: the one whose time is over first.
                if loops == 1 {
                    let isFirstHere = try relay.answerToJoin(rooms[number - 1].code, as: "stranger-\(number)")
                    #expect(isFirstHere == Refusal.notFound)
                }
            }
            // Living rooms do not.
            let late = try relay.connect()
            late.send(#"{"type":"create","clientId":"late","maxClients":2}"#)
            try late.expect(Refusal.serverFull)
            #expect(Self.expired(.evicted, relay) == 2)
            for host in hosts + [rooms[2].host] { try host.expectNothing() }
            for room in rooms.prefix(2) {
                #expect(try relay.answerToJoin(room.code, as: "client-0") == Refusal.notFound)
            }
        }
    }

    @Test("a room that was woken up does not make way, and another that is dormant does")
    func woken() async throws {
        try await withRelay {
            $0.maxRooms = 2
        } _: { relay in
            let rooms = try (0..<2).map { _ in try relay.room(members: 1) }
            for (number, room) in rooms.enumerated() {
                room.host.socket.reset()
                relay.untilDormant(number + 1)
            }
            let (back, _) = try relay.join(rooms[0].code, as: "client-0")
            try relay.connect().create()
            try back.expectNothing()
            #expect(try relay.answerToJoin(rooms[1].code, as: "client-0") == Refusal.notFound)
        }
    }

    @Test("a machine that is full of dormant rooms is ready for new games")
    func ready() async throws {
        try await withRelay {
            $0.maxRooms = 2
        } _: { relay in
            let rooms = try (0..<2).map { _ in try relay.room(members: 1) }
            #expect(try relay.get("/ready").status == 503)
            for room in rooms { room.host.socket.reset() }
            relay.untilDormant(2)
            #expect(try relay.get("/ready").status == 200)
        }
    }

    @Test("where memory for rooms is full, dormant ones make way, until there is enough", arguments: [1, 2, 4])
    func memory(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.transport.maxBufferedBytes = 400_000
        } _: { relay in
            let living = try relay.room(members: 1)
            let large = String(repeating: "x", count: 16_000)
            // As many as fit, each dormant at once.
            var dormant = 0
            while relay.engine.statistics().roomBytes < 180_000 {
                let host = try relay.connect()
                try host.create()
                host.send(#"{"type":"set_state","data":"\#(large)"}"#)
                try host.expectNothing()
                host.socket.reset()
                dormant += 1
                relay.untilDormant(dormant)
            }
            // More than is left, again and again.
            for _ in 0..<dormant {
                let host = try relay.connect()
                try host.create()
                try Self.setState(large, by: host, attempts: loops == 1 ? 1 : 100)
                host.socket.reset()
                relay.eventually("the room is dormant") { relay.engine.statistics().rooms == 1 }
            }
            #expect(Self.expired(.evicted, relay) > 0)
            #expect(relay.engine.statistics().roomBytes <= 201_000)
            try living.host.expectNothing()
        }
    }

    @Test("dormant rooms of one loop make way for rooms of another that grow", arguments: [2, 4])
    func otherLoop(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.transport.maxBufferedBytes = 400_000
        } _: { relay in
            // The rooms of the first loop live, and those of the others are lost once they have a large snapshot.
            var living: [TestClient] = []
            var lost: [TestClient] = []
            while living.count < 8 || lost.count < 8 {
                let before = relay.engine.statistics().roomsByLoop
                let host = try relay.connect()
                try host.create()
                let isOnFirst = relay.engine.statistics().roomsByLoop[0] > before[0]
                if isOnFirst { living.append(host) } else { lost.append(host) }
            }
            let large = String(repeating: "x", count: 16_000)
            for host in lost.prefix(8) { try Self.setState(large, by: host, attempts: 1) }
            for host in lost { host.socket.reset() }
            relay.untilDormant(lost.count)
            for host in living.prefix(8) { try Self.setState(large, by: host, attempts: 100) }
            #expect(Self.expired(.evicted, relay) > 0)
            for host in living { try host.expectNothing() }
        }
    }

    /// Rooms of other loops make way a moment later than those of one's own.
    private static func setState(_ text: String, by host: TestClient, attempts: Int) throws {
        for attempt in 1...attempts {
            host.send(#"{"type":"set_state","data":"\#(text)"}"#)
            host.send(#"{"type":"send","to":0,"data":\#(attempt)}"#)
            let echo = #"{"type":"message","from":0,"data":\#(attempt)}"#
            let answer = try host.text()
            if answer == echo { return }
            #expect(answer == Refusal.serverFull)
            try host.expect(echo)
            usleep(10_000)
        }
        Issue.record("no room has made way")
    }
}
