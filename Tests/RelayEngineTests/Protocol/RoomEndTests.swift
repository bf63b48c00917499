import RelayEngine
import RelayWire
import Testing

@Suite("The end of a room", .blocking)
struct RoomEndTests {
    @Test("close_room closes every member, and the code is unknown from then on", arguments: [1, 2, 4])
    func closeRoom(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 3)
            room.members[1].send(#"{"type":"send","data":"last words"}"#)
            try room.host.expect(#"{"type":"message","from":1,"data":"last words"}"#)
            room.host.send(#"{"type":"close_room"}"#)
            try room.members[2].expect(#"{"type":"message","from":1,"data":"last words"}"#)
            for member in room.members { try member.expectClose(4001, "room closed") }
            try expectUnknown(room.code, relay)
        }
    }

    @Test("a room ends when nobody is connected", arguments: [1, 4])
    func abandoned(loops: Int) async throws {
        try await withRelay(loops: loops) { relay in
            let room = try relay.room(members: 2)
            room.host.socket.close()
            try room.members[1].expect(#"{"type":"peer_left","index":0}"#)
            #expect(try relay.get("/room/\(room.code)").status == 200)
            room.members[1].send(.close, [])
            try room.members[1].expectClose(nil)
            try expectUnknown(room.code, relay)
        }
    }

    @Test("without a grace period the members play on without their host, who may come back")
    func hostless() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            room.host.socket.close()
            try room.members[1].expect(#"{"type":"peer_left","index":0}"#)
            room.members[1].send(#"{"type":"set_state","data":1}"#)
            try room.members[1].expect(#"{"type":"error","message":"Only the host can set state"}"#)
            let host = try relay.connect()
            try host.join(room.code, clientID: "client-0")
            try host.expect(#"{"type":"joined","room":"\#(room.code)","index":0,"peers":[1]}"#)
            host.send(#"{"type":"set_state","data":1}"#)
            try room.members[1].expect(#"{"type":"peer_joined","index":0}"#)
            try room.members[1].expect(#"{"type":"state","data":1}"#)
        }
    }

    @Test("a room whose host stays away for the grace period is closed; one whose host came back is not")
    func grace() async throws {
        try await Grace.outrun { grace in
            var isInTime = false
            try await withRelay {
                $0.hostGrace = grace
            } _: { relay in
                let lasting = try relay.room(members: 2)
                let start = ContinuousClock.now
                lasting.host.socket.close()
                try lasting.members[1].expect(#"{"type":"peer_left","index":0}"#)
                let (host, answer) = try relay.join(lasting.code, as: "client-0")
                isInTime = Grace.wasInTime(answer, grace, since: start)
                guard isInTime else { return }
                #expect(answer == #"{"type":"joined","room":"\#(lasting.code)","index":0,"peers":[1]}"#)
                try lasting.members[1].expect(#"{"type":"peer_joined","index":0}"#)

                let ending = try relay.room(members: 2)
                ending.host.socket.close()
                try ending.members[1].expect(#"{"type":"peer_left","index":0}"#)
                try ending.members[1].expectClose(4001, "room closed")
                try expectUnknown(ending.code, relay)
                // The other room's host left earlier, so its grace would be over by now.
                lasting.members[1].sits(at: 1)
                try lasting.members[1].expectNothing()
                try host.expectNothing()
            }
            return isInTime
        }
    }

    @Test("a host that comes back and leaves again has a grace period of its own for that")
    func graceAgain() async throws {
        try await withRelay {
            $0.hostGrace = 1
        } _: { relay in
            let room = try relay.room(members: 2)
            let began = ContinuousClock.now
            for _ in 0..<2 {
                room.host.socket.close()
                let host = try relay.connect()
                try host.join(room.code, clientID: "client-0")
                _ = try host.text()
                host.socket.close()
            }
            var heard = try room.members[1].hearMessage()
            while case .text = heard { heard = try room.members[1].hearMessage() }
            #expect(heard == .close(4001, "room closed"))
            #expect(ContinuousClock.now - began >= .seconds(1))
        }
    }

    @Test("without a grace period a room stays as long as it has a member")
    func noGrace() async throws {
        try await withRelay {
            $0.hostGrace = 0
        } _: { relay in
            let room = try relay.room(members: 2)
            room.host.socket.close()
            try room.members[1].expect(#"{"type":"peer_left","index":0}"#)
            // Another relay's shortest grace period is over meanwhile.
            try await withRelay {
                $0.hostGrace = 1
            } _: { other in
                let ending = try other.room(members: 2)
                ending.host.socket.close()
                try ending.members[1].expect(#"{"type":"peer_left","index":0}"#)
                try ending.members[1].expectClose(4001, "room closed")
            }
            #expect(try relay.get("/room/\(room.code)").status == 200)
            try room.members[1].expectNothing()
        }
    }

    private func expectUnknown(_ code: String, _ relay: RunningRelay) throws {
        #expect(try relay.get("/room/\(code)").status == 404)
        let late = try relay.connect()
        try late.join(code, clientID: "client-1")
        try late.expect(#"{"type":"error","message":"Room not found"}"#)
    }

    @Test(
        "a close frame is answered with the client's own code and reason",
        arguments: [(1_000, "bye"), (1_000, ""), (4_321, "Zoë leaves"), (3_000, String(repeating: "x", count: 123))]
            as [(UInt16, String)])
    func reason(code: UInt16, reason: String) async throws {
        try await withRelay { relay in
            let client = try relay.connect()
            client.send(.close, [UInt8(code >> 8), UInt8(truncatingIfNeeded: code)] + Array(reason.utf8))
            try client.expectClose(code, reason)
        }
    }
}
