import RelayCore
import RelayEngine
import RelayWire
import TestSupport
import Testing

@Suite("Rooms without connections", .blocking)
struct DormancyTests {
    /// A machine `m-1` in Frankfurt.
    private static func frankfurt(_ configuration: inout EngineConfiguration) {
        configuration.identity = RoutingIdentity(
            isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
    }

    @Test(
        "members who are all lost in one moment come back to their slots, url and snapshot, in any order",
        arguments: [1, 2, 4])
    func blink(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let url = "https://pad.example/x"
            let (host, code) = try relay.createRoom(#""maxClients":3,"url":"\#(url)""#)
            var room = TestRoom(code: code, members: [host])
            host.send(#"{"type":"set_state","data":{"level":7}}"#)
            for slot in 1...2 {
                let (guest, _) = try relay.join(code, as: "client-\(slot)")
                try guest.expect(#"{"type":"state","data":{"level":7}}"#)
                room.members.append(guest)
            }
            for turn in 0..<3 {
                room.loseEverybody()
                relay.untilDormant(1)
                let order = [[2, 0, 1], [0, 1, 2], [1, 2, 0]][turn]
                var back: [Int: TestClient] = [:]
                for slot in order {
                    let (client, answer) = try relay.join(code, as: "client-\(slot)")
                    let peers = back.keys.sorted().map(String.init).joined(separator: ",")
                    #expect(
                        answer
                            == #"{"type":"joined","room":"\#(code)","index":\#(slot),"peers":[\#(peers)],"url":"\#(url)"}"#
                    )
                    try client.expect(#"{"type":"state","data":{"level":7}}"#)
                    for other in back.values { try other.expect(#"{"type":"peer_joined","index":\#(slot)}"#) }
                    back[slot] = client
                }
                room.members = try (0..<3).map { try #require(back[$0]) }
                #expect(relay.engine.statistics().dormantRooms == 0)
            }
            #expect(try relay.get("/room/\(code)").status == 200)
            #expect(try relay.answerToJoin(code, as: "stranger") == Refusal.roomFull)
        }
    }

    @Test("a host alone in its lobby reloads, again and again", arguments: [1, 4])
    func reload(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            var (host, code) = try relay.createRoom(#""maxClients":8"#)
            for _ in 0..<20 {
                host.leave(code: 1_001)
                try host.expectClose(1_001)
                let (back, answer) = try relay.join(code, as: "client-0")
                #expect(answer == #"{"type":"joined","room":"\#(code)","index":0,"peers":[]}"#)
                host = back
            }
            host.send(#"{"type":"set_state","data":1}"#)
            let (guest, answer) = try relay.join(code, as: "client-1")
            #expect(answer == #"{"type":"joined","room":"\#(code)","index":1,"peers":[0]}"#)
            try guest.expect(#"{"type":"state","data":1}"#)
        }
    }

    @Test("for everybody but its own, a dormant room is gone", arguments: [1, 4])
    func gone(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 2)
            room.loseEverybody()
            relay.untilDormant(1)
            #expect(try relay.get("/room/\(room.code)").status == 404)
            #expect(try relay.get("/room/\(room.code)").body == #"{"error":"Room not found"}"#)
            #expect(try relay.answerToJoin(room.code, as: "stranger") == Refusal.notFound)
            // Not even the connection that was refused makes a difference, nor the one that has the code in its path.
            let visitor = try relay.connect("/\(room.code)")
            try visitor.join(room.code, clientID: "stranger")
            try visitor.expect(Refusal.notFound)
            try visitor.join(room.code, clientID: "client-1")
            try visitor.expect(#"{"type":"joined","room":"\#(room.code)","index":1,"peers":[]}"#)
            #expect(try relay.get("/room/\(room.code)").status == 200)
            #expect(try relay.answerToJoin(room.code, as: "stranger").hasPrefix(#"{"type":"joined""#))
        }
    }

    @Test("a sibling's question is answered yes, and a player's no", arguments: [1, 4])
    func probes(loops: Int) async throws {
        try await withRelay(loops: loops, configure: Self.frankfurt) { relay in
            let room = try relay.room(members: 2)
            room.loseEverybody()
            relay.untilDormant(1)
            for target in ["/room/\(room.code)", "/room/\(room.code)?instance=m-1", "//room/\(room.code)/?instance="] {
                #expect(try relay.get(target).status == 200, "\(target)")
                #expect(try relay.get(target, method: "HEAD").status == 200, "\(target)")
                for header in ["X-Forwarded-For: 192.0.2.1", "Fly-Client-IP: 192.0.2.1"] {
                    #expect(try relay.get(target, headers: [header]).status == 404, "\(target)")
                }
            }
            // Without routing there are no siblings, and all questions are a player's.
            try await withRelay(loops: loops) { relay in
                let room = try relay.room(members: 1)
                room.loseEverybody()
                relay.untilDormant(1)
                #expect(try relay.get("/room/\(room.code)").status == 404)
            }
        }
    }

    @Test("a dormant room ends when its time is over, counted from its last member's end", arguments: [1, 4])
    func expiry(loops: Int) async throws {
        try await Grace.outrun { grace in
            var isInTime = false
            try await withRelay(loops: loops) {
                $0.emptyGrace = grace
            } _: { relay in
                let woken = try relay.room(members: 2)
                var start = ContinuousClock.now
                woken.loseEverybody()
                relay.untilEverybodyIsLost()
                let (back, answer) = try relay.join(woken.code, as: "client-1")
                isInTime = Grace.wasInTime(answer, grace, since: start)
                guard isInTime else { return }

                let room = try relay.room(members: 3)
                start = ContinuousClock.now
                room.loseEverybody()
                relay.eventually("the room has ended") { relay.engine.statistics().expired[.dormant] == 1 }
                #expect(ContinuousClock.now - start >= .seconds(grace))
                #expect(relay.engine.statistics().dormantRooms == 0)
                for clientID in ["client-0", "client-2", "stranger"] {
                    #expect(try relay.answerToJoin(room.code, as: clientID) == Refusal.notFound)
                }
                // The other's time would be over by now, too, had nobody come back.
                try back.expectNothing()
                back.socket.reset()
                relay.eventually("both have ended") { relay.engine.statistics().expired[.dormant] == 2 }
                #expect(relay.engine.statistics().expired[.evicted] == 0)
                #expect(relay.engine.statistics().roomBytes == 0)
            }
            return isInTime
        }
    }

    @Test("without a grace time a room ends with its last connection, however that ends", arguments: [1, 4])
    func off(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.emptyGrace = 0
        } _: { relay in
            for _ in 0..<3 {
                let room = try relay.room(members: 3)
                room.loseEverybody()
                relay.eventually("the room has ended") { relay.engine.statistics().rooms == 0 }
                #expect(try relay.answerToJoin(room.code, as: "client-0") == Refusal.notFound)
            }
            let statistics = relay.engine.statistics()
            #expect(statistics.dormantRooms == 0)
            #expect(statistics.expired.values.allSatisfy { $0 == 0 })
            #expect(statistics.clients == 0)
        }
    }

    // MARK: The host

    @Test("the host's grace time goes on in a dormant room, and ends it")
    func hostGrace() async throws {
        try await Grace.outrun { grace in
            var isInTime = false
            try await withRelay {
                $0.hostGrace = grace
                $0.emptyGrace = 600
            } _: { relay in
                let room = try relay.room(members: 2)
                room.loseEverybody()
                relay.eventually("the room has ended") { relay.engine.statistics().roomBytes == 0 }
                #expect(try relay.answerToJoin(room.code, as: "client-0") == Refusal.notFound)
                // A guest that wakes it up stays until the host's time is over.
                let other = try relay.room(members: 2)
                let start = ContinuousClock.now
                other.loseEverybody()
                relay.untilEverybodyIsLost()
                let (guest, answer) = try relay.join(other.code, as: "client-1")
                isInTime = Grace.wasInTime(answer, grace, since: start)
                guard isInTime else { return }
                #expect(answer.hasPrefix(#"{"type":"joined""#))
                try guest.expectClose(4001, "room closed")
                #expect(relay.engine.statistics().clients == 0)
                #expect(relay.engine.statistics().roomBytes == 0)
            }
            return isInTime
        }
    }

    @Test("a host that wakes its room up has its grace time anew")
    func hostIsBack() async throws {
        try await Grace.outrun { grace in
            var isInTime = false
            try await withRelay {
                $0.hostGrace = grace
            } _: { relay in
                let room = try relay.room(members: 1)
                let start = ContinuousClock.now
                room.loseEverybody()
                relay.untilEverybodyIsLost()
                let (host, answer) = try relay.join(room.code, as: "client-0")
                isInTime = Grace.wasInTime(answer, grace, since: start)
                guard isInTime else { return }
                let other = try relay.room(members: 2)
                other.host.socket.reset()
                try other.members[1].expect(#"{"type":"peer_left","index":0}"#)
                try other.members[1].expectClose(4001, "room closed")
                try host.expectNothing()
            }
            return isInTime
        }
    }

    // MARK: The drain

    @Test("a drain waits for a dormant room, and is over when that has ended", arguments: [1, 4])
    func drain(loops: Int) async throws {
        try await withRelay(loops: loops) {
            $0.emptyGrace = 1
        } _: { relay in
            let room = try relay.room(members: 2)
            let start = ContinuousClock.now
            room.loseEverybody()
            relay.untilEverybodyIsLost()
            relay.engine.beginDrain()
            await relay.engine.drained()
            #expect(ContinuousClock.now - start >= .seconds(1))
            #expect(relay.engine.statistics().expired[.dormant] == 1)
        }
    }

    @Test("in a drain, too, players come back to their dormant room, which then goes on")
    func backInDrain() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            room.loseEverybody()
            relay.untilDormant(1)
            let isOver = Flag()
            relay.engine.beginDrain()
            let drain = Task {
                await relay.engine.drained()
                isOver.raise()
            }
            let (host, answer) = try relay.join(room.code, as: "client-0")
            #expect(answer == #"{"type":"joined","room":"\#(room.code)","index":0,"peers":[]}"#)
            try host.expectNothing()
            #expect(!isOver.isRaised)
            host.send(#"{"type":"close_room"}"#)
            try host.expectClose(4001, "room closed")
            await drain.value
        }
    }
}
