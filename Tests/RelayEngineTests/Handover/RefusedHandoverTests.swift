import NIOConcurrencyHelpers
import RelayCore
import RelayEngine
import RelayWire
import Testing

@Suite("Rooms that no machine takes", .blocking)
struct RefusedHandoverTests {
    private static func joined(_ code: String, _ slot: Int, peers: String = "") -> String {
        #"{"type":"joined","room":"\#(code)","index":\#(slot),"peers":[\#(peers)]}"#
    }

    /// Plays in a room as if nothing had happened.
    private static func expectToGoOn(_ room: TestRoom, on relay: RunningRelay) throws {
        for (slot, member) in room.members.enumerated() {
            member.send(#"{"type":"send","data":"on"}"#)
            for (other, receiver) in room.members.enumerated() where other != slot {
                try receiver.expect(#"{"type":"message","from":\#(slot),"data":"on"}"#)
            }
        }
        room.host.send(#"{"type":"set_state","data":"on"}"#)
        for guest in room.members.dropFirst() { try guest.expect(#"{"type":"state","data":"on"}"#) }
        #expect(try relay.get("/room/\(room.code)").status == 200)
        for (slot, member) in room.members.enumerated() {
            member.sits(at: slot)
            try member.expectNothing()
        }
    }

    @Test("without a taker rooms go on, and what was sent meanwhile is delivered in order", arguments: [1, 4])
    func nobody(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 3)
            let dormant = try relay.room(members: 1)
            dormant.loseEverybody()
            relay.untilDormant(1)
            let sender = Lent([room.members[1]])
            let code = room.code
            let tries = NIOLockedValueBox(0)
            let taker = RoomTaker { given, _ in
                guard given.description == code else { return nil }
                let first = tries.withLockedValue { tries in
                    tries += 1
                    return 100 * tries
                }
                for number in first..<first + 100 { sender.clients[0].send(#"{"type":"send","data":\#(number)}"#) }
                return nil
            } takeBack: { _, _ in
                Issue.record("nothing was taken")
            }
            for round in 1...3 {
                await relay.engine.handOver(to: taker, over: 0)
                for receiver in [room.members[0], room.members[2]] {
                    for number in 100 * round..<100 * round + 100 {
                        try receiver.expect(#"{"type":"message","from":1,"data":\#(number)}"#)
                    }
                }
                try Self.expectToGoOn(room, on: relay)
            }
            #expect(try relay.answerToJoin(dormant.code, as: "client-0") == Self.joined(dormant.code, 0))
        }
    }

    private static func text(_ length: Int) -> String { "\"" + String(repeating: "x", count: length) + "\"" }

    /// What keeps the other machine from taking the room.
    enum Obstacle: String, CaseIterable, Sendable {
        case draining, full, noGrace, noMemory

        func configure(_ configuration: inout EngineConfiguration) {
            switch self {
            case .draining: break
            case .full: configuration.maxRooms = 1
            case .noGrace: configuration.emptyGrace = 0
            case .noMemory: configuration.transport.maxBufferedBytes = 60_000
            }
        }

        var result: String { self == .full || self == .noMemory ? "full" : "draining" }
    }

    @Test("a machine that cannot take a room says why, and the room goes on", arguments: Obstacle.allCases, [1, 2])
    func obstacle(obstacle: Obstacle, loops: Int) async throws {
        try await TwoMachines.run(loops: loops, configureNew: obstacle.configure) { machines in
            let room = try machines.old.room(members: 2, state: Self.text(10_000))
            // They take the only place that there may be, or most of the memory.
            let others = try [16_000, 8_000].prefix(obstacle == .full ? 1 : 2).map {
                try machines.new.room(members: 1, state: Self.text($0))
            }
            if obstacle == .draining { machines.new.engine.beginDrain() }
            let journeys = await machines.handOver()
            #expect(journeys.given == [room.code])
            #expect(journeys.statuses == [503])
            #expect(journeys.results == [obstacle.result])
            #expect(journeys.takenBack.isEmpty)
            try Self.expectToGoOn(room, on: machines.old)
            let arrivals = machines.new.engine.statistics().arrivals.filter { $0.value > 0 }
            #expect(arrivals == [try #require(Arrival(rawValue: obstacle.result)): 1])
            #expect(try machines.new.get("/room/\(room.code)").status == 404)
            #expect(machines.new.engine.statistics().dormantRooms == 0)
            for other in others { try other.host.expectNothing() }
        }
    }

    @Test("two machines that drain into each other keep their rooms")
    func eachOther() async throws {
        try await TwoMachines.run { machines in
            let rooms = [try machines.old.room(members: 2), try machines.new.room(members: 2)]
            for machine in [machines.old, machines.new] { machine.engine.beginDrain() }
            let there = await machines.handOver()
            let port = machines.old.port
            let answers = Journeys()
            await machines.new.engine.handOver(
                to: RoomTaker { code, record in
                    var request = HandoverRequest(.take, code, body: record)
                    (request.target, request.pin) = ("m-1", "m-1")
                    guard let reply = try? request.send(to: port) else { return nil }
                    answers.note(given: code, reply)
                    return reply.status == 201 ? InstanceID("m-1") : nil
                } takeBack: { _, _ in
                }, over: 0)
            #expect(there.results == ["draining"])
            #expect(answers.results == ["draining"])
            try Self.expectToGoOn(rooms[0], on: machines.old)
            try Self.expectToGoOn(rooms[1], on: machines.new)
        }
    }

    @Test("a handover that is cancelled lets the rooms go on that no machine has taken")
    func cancelled() async throws {
        try await withRelay(loops: 2) { relay in
            let rooms = try (0..<40).map { _ in try relay.room(members: 2) }
            let (asked, ask) = AsyncStream<Void>.makeStream()
            let taker = RoomTaker { _, _ in
                ask.yield()
                // As one that waits for an answer that does not come.
                try? await Task.sleep(for: .seconds(600))
                return nil
            } takeBack: { _, _ in
                Issue.record("nothing was taken")
            }
            let handover = Task { await relay.engine.handOver(to: taker, over: 0) }
            for await _ in asked { break }
            rooms[0].members[1].send(#"{"type":"send","data":"meanwhile"}"#)
            handover.cancel()
            _ = await handover.value
            try rooms[0].host.expect(#"{"type":"message","from":1,"data":"meanwhile"}"#)
            for room in rooms { try Self.expectToGoOn(room, on: relay) }
        }
    }

    @Test("a copy that is older than the room is taken back, if no machine takes the newer one")
    func onceOnly() async throws {
        try await TwoMachines.run { machines in
            let room = try machines.old.room(members: 2)
            let sender = Lent([room.host])
            let new = machines.new
            let journeys = await machines.handOver { journey in
                guard journey == 1 else { return }
                sender.clients[0].send(#"{"type":"set_state","data":1}"#)
                new.engine.beginDrain()
            }
            #expect(journeys.statuses == [201, 503])
            try room.members[1].expect(#"{"type":"state","data":1}"#)
            try Self.expectToGoOn(room, on: machines.old)
            #expect(try new.get("/room/\(room.code)").status == 404)
            #expect(new.engine.statistics().roomBytes == 0)
            await new.engine.drained()
        }
    }

    @Test(
        "a room that has stopped for a file goes on if that cannot be written, and its record is whole",
        arguments: [1, 4])
    func departAll(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let rooms = try (0..<5).map { _ in try relay.room(members: 2) }
            let records = await relay.engine.departAll()
            #expect(records.map(\.code.description).sorted() == rooms.map(\.code).sorted())
            #expect(records.allSatisfy { $0.owners.count == 2 && $0.held.map(\.slot.index) == [0, 1] })
            for room in rooms { room.host.send(#"{"type":"send","data":"meanwhile"}"#) }
            relay.engine.stay(records.map(\.code))
            for room in rooms {
                try room.members[1].expect(#"{"type":"message","from":0,"data":"meanwhile"}"#)
                try Self.expectToGoOn(room, on: relay)
            }
        }
    }
}
