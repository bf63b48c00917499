import RelayEngine
import Testing

/// What members do while their room travels.
@Suite("Rooms under way", .blocking)
struct RoomUnderWayTests {
    /// What a guest says at the end, if anything.
    enum Goodbye: CaseIterable, Sendable {
        case none, leave, closeFrame
    }

    @Test("no place is kept on the other machine for who says goodbye during the journey", arguments: Goodbye.allCases)
    func goodbye(_ goodbye: Goodbye) async throws {
        try await TwoMachines.run { machines in
            let (host, code) = try machines.old.createRoom(#""maxClients":2"#)
            let (guest, _) = try machines.old.join(code, as: "client-1")
            let leaver = Lent([guest])
            let journeys = await machines.handOver { number in
                guard number == 1 else { return }
                switch goodbye {
                case .none: break
                case .leave: leaver.clients[0].send(#"{"type":"leave"}"#)
                case .closeFrame: leaver.clients[0].leave(code: 1_000)
                }
            }
            let leaves = goodbye != .none
            #expect(journeys.given.count == [.none: 1, .leave: 2, .closeFrame: 3][goodbye])
            if leaves {
                try guest.expectClose(1_000, goodbye == .leave ? "left" : "")
                try host.expect(#"{"type":"peer_joined","index":1}"#)
                try host.expect(#"{"type":"peer_left","index":1}"#)
            }
            let (back, _) = try machines.new.join(code, as: "client-0")
            let answer = try machines.new.answerToJoin(code, as: "newcomer")
            #expect(answer == (leaves ? Answer.joined(code, 2, peers: [0]) : Refusal.roomFull))
            if leaves { try back.expect(#"{"type":"peer_joined","index":2}"#) }
        }
    }

    /// What ends a room while it travels.
    enum End: CaseIterable, Sendable {
        case closeRoom, everybodyLeaves, everybodyCloses
    }

    @Test("a room that ends during the journey is forgotten by the other machine", arguments: End.allCases, [1, 4])
    func ended(end: End, loops: Int) async throws {
        try await TwoMachines.run(loops: loops) { machines in
            let room = try machines.old.room(members: 2)
            let senders = Lent(room.members)
            let journeys = await machines.handOver { _ in
                let members = senders.clients
                switch end {
                case .closeRoom: members[0].send(#"{"type":"close_room"}"#)
                case .everybodyLeaves: for member in members { member.send(#"{"type":"leave"}"#) }
                case .everybodyCloses: for member in members { member.leave(code: 1_000) }
                }
            }
            #expect(journeys.takenBack == [room.code])
            for machine in [machines.old, machines.new] {
                #expect(try machine.get("/room/\(room.code)").status == 404)
                #expect(try machine.answerToJoin(room.code, as: "client-0") == Refusal.notFound)
                #expect(machine.engine.statistics().dormantRooms == 0)
                #expect(machine.engine.statistics().roomBytes == 0)
            }
            // It is not sent on, either: there is nothing.
            let replays = machines.old.engine.statistics().replays[.newHome]
            #expect(replays == 0)
        }
    }

    @Test("who joins during the journey is sent away, and its room goes without it", arguments: [false, true])
    func joinDuring(asksForMore: Bool) async throws {
        try await TwoMachines.run(loops: 2) { machines in
            let room = try machines.old.room(members: 2)
            room.members[1].leave(code: 1_001)
            try room.host.expect(#"{"type":"peer_left","index":1}"#)
            let (old, code) = (machines.old, room.code)
            let journeys = await machines.handOver { _ in
                for clientID in ["client-1", "newcomer", "client-0"] {
                    let late = try old.connect()
                    let version = asksForMore ? #","v":3"# : ""
                    late.send(#"{"type":"join","clientId":"\#(clientID)","room":"\#(code)"\#(version)}"#)
                    try Answer.expectMoved(late, asksForMore: asksForMore)
                }
            }
            #expect(journeys.given == [room.code])
            try Answer.expectMoved(room.host)
            #expect(machines.old.engine.statistics().clients == 0)
            let (guest, answer) = try machines.new.join(room.code, as: "client-1")
            #expect(answer == Answer.joined(room.code, 1, peers: []))
            #expect(try machines.new.answerToJoin(room.code, as: "client-0") == Answer.joined(room.code, 0, peers: [1]))
            try guest.expect(#"{"type":"peer_joined","index":0}"#)
        }
    }

    @Test("who is lost during the journey has a place on the other machine, and so has the whole room")
    func lostDuring() async throws {
        try await TwoMachines.run { machines in
            let room = try machines.old.room(members: 2, maxClients: 2)
            let members = Lent(room.members)
            let old = machines.old
            let journeys = await machines.handOver { _ in
                for member in members.clients { member.socket.reset() }
                old.untilDormant(1)
            }
            #expect(journeys.given == [room.code])
            #expect(old.engine.statistics().dormantRooms == 0)
            #expect(old.engine.statistics().roomBytes == 0)
            let (host, answer) = try machines.new.join(room.code, as: "client-0")
            #expect(answer == Answer.joined(room.code, 0, peers: []))
            #expect(try machines.new.answerToJoin(room.code, as: "newcomer") == Refusal.roomFull)
            try host.expectNothing()
        }
    }
}
