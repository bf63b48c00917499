import RelayEngine
import TestSupport
import Testing

@testable import RelayEngine

@Suite("Rooms over loops", .blocking)
struct RoomBalanceTests {
    @Test(
        "a room goes to the loop with fewest, unless its creator's own has hardly more",
        arguments: [
            ([0], 0, 0), ([5], 0, 0), ([0, 0, 0], 1, 1), ([1, 0, 0], 0, 1), ([1, 0, 0], 1, 1), ([1, 1, 0], 0, 2),
            ([0, 1, 1], 2, 0), ([1, 0, 0, 0], 3, 3), ([4, 3], 0, 1), ([5, 4], 0, 0), ([6, 4], 0, 1),
            ([100, 80], 0, 0), ([101, 80], 0, 1), ([3, 9, 3, 9], 1, 2), ([3, 9, 3, 9], 3, 0),
        ])
    func choice(rooms: [Int], own: Int, loop: Int) {
        #expect(RoomPlace.loop(forRoomFrom: own, with: rooms) == loop)
    }

    private func expectBalance(_ relay: RunningRelay, rooms: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        let byLoop = relay.engine.statistics().roomsByLoop
        #expect(byLoop.reduce(0, +) == rooms, sourceLocation: sourceLocation)
        #expect((byLoop.max() ?? 0) <= 2 * (byLoop.min() ?? 0), "\(byLoop)", sourceLocation: sourceLocation)
    }

    @Test("hosts that arrive one by one have their rooms on all loops", arguments: EngineVariant.all(loops: [2, 4]))
    func oneByOne(variant: EngineVariant) async throws {
        try await withRelay(variant) { relay in
            let rooms = try (0..<40).map { _ in try relay.room(members: 2) }
            expectBalance(relay, rooms: 40)
            for room in rooms {
                room.members[1].sits(at: 1)
                try room.members[1].expectNothing()
                room.host.send(#"{"type":"send","data":1}"#)
                try room.members[1].expect(#"{"type":"message","from":0,"data":1}"#)
            }
        }
    }

    @Test("hosts that arrive at once have theirs on all loops too", arguments: EngineVariant.all(loops: [2, 4]))
    func atOnce(variant: EngineVariant) async throws {
        try await withRelay(variant) { relay in
            let hosts = try (0..<200).map { _ in try relay.dial() }
            let create = #"{"type":"create","clientId":"h","maxClients":4}"#
            let bytes =
                Array(TestClient.request("/", headers: TestClient.upgradeFields).utf8)
                + TestClient.frame(create) + TestClient.frame(#"{"type":"send","to":0,"data":7}"#)
            for host in hosts { host.write(bytes) }
            for host in hosts {
                #expect(try host.reply().status == 101)
                #expect(try host.text().hasPrefix(#"{"type":"created","room":""#))
                // What was sent behind the request is handled where the room is.
                try host.expect(#"{"type":"message","from":0,"data":7}"#)
            }
            expectBalance(relay, rooms: 200)
        }
    }

    @Test("the place of a room is free when it has ended, or was never opened")
    func places() async throws {
        try await withRelay(loops: 4) {
            $0.maxRooms = 8
        } _: { relay in
            for _ in 0..<3 {
                let hosts = try (0..<8).map { _ in try relay.connect() }
                for host in hosts { try host.create() }
                expectBalance(relay, rooms: 8)
                let late = try relay.connect()
                for _ in 0..<10 {
                    late.send(#"{"type":"create","clientId":"h","maxClients":4}"#)
                    try late.expect(#"{"type":"error","message":"Server is full"}"#)
                    late.send(#"{"type":"create","clientId":"h","maxClients":4,"url":"{room}"}"#)
                    try late.expect(#"{"type":"error","message":"url is not a valid URL"}"#)
                }
                expectBalance(relay, rooms: 8)
                for host in hosts {
                    host.send(#"{"type":"close_room"}"#)
                    try host.expectClose(4001, "room closed")
                }
                #expect(relay.engine.statistics().roomsByLoop == [0, 0, 0, 0])
            }
        }
    }
}
