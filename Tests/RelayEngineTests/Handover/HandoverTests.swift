import RelayCore
import RelayEngine
import RelayWire
import Testing

@Suite("Rooms that are handed over", .blocking)
struct HandoverTests {
    @Test(
        "a room's members are told, and come back on the other machine to the same slots, snapshot and url",
        arguments: [1, 4], [false, true])
    func journey(loops: Int, asksForMore: Bool) async throws {
        try await TwoMachines.run(loops: loops) { machines in
            let version = asksForMore ? #","v":3"# : ""
            let (host, code) = try machines.old.createRoom(
                #""maxClients":4,"url":"https://pad.example/{room}?on={instance}"\#(version)"#)
            var members = [host]
            for slot in 1...2 {
                let (guest, _) = try machines.old.join(code, as: "client-\(slot)", fields: version)
                for member in members { try member.expect(#"{"type":"peer_joined","index":\#(slot)}"#) }
                members.append(guest)
            }
            host.send(#"{"type":"set_state","data":[1, 2]}"#)
            for guest in members.dropFirst() { try guest.expect(#"{"type":"state","data":[1, 2]}"#) }
            machines.old.engine.beginDrain()
            let journeys = await machines.handOver()
            #expect(journeys.given == [code])
            #expect(journeys.takenBack.isEmpty)
            for member in members { try Answer.expectMoved(member, asksForMore: asksForMore) }
            await machines.old.engine.drained()

            // Up to the first who comes, it is there for its own alone.
            #expect(machines.new.engine.statistics().dormantRooms == 1)
            #expect(try machines.new.get("/room/\(code)").status == 200)
            #expect(try machines.new.get("/room/\(code)", headers: ["Fly-Client-IP: 192.0.2.1"]).status == 404)
            #expect(try machines.new.answerToJoin(code, as: "stranger") == Refusal.notFound)
            let more = #","url":"https://pad.example/\#(code)?on=m-2""#
            var back: [(slot: Int, client: TestClient)] = []
            for slot in [2, 0, 1] {
                let (client, answer) = try machines.new.join(code, as: "client-\(slot)")
                #expect(answer == Answer.joined(code, slot, peers: back.map(\.slot).sorted(), more: more))
                try client.expect(#"{"type":"state","data":[1, 2]}"#)
                for other in back { try other.client.expect(#"{"type":"peer_joined","index":\#(slot)}"#) }
                back.append((slot, client))
            }
            let (newcomer, answer) = try machines.new.join(code, as: "newcomer")
            #expect(answer == Answer.joined(code, 3, peers: [0, 1, 2], more: more))
            try newcomer.expect(#"{"type":"state","data":[1, 2]}"#)
            back[1].client.send(#"{"type":"set_state","data":3}"#)
            try back[0].client.expect(#"{"type":"peer_joined","index":3}"#)
            try back[0].client.expect(#"{"type":"state","data":3}"#)
        }
    }

    @Test("a room stays locked, bans stay, and tickets that are good stay good", arguments: [1, 4])
    func rights(loops: Int) async throws {
        try await TwoMachines.run(loops: loops) { machines in
            let room = try machines.old.room(members: 3)
            room.host.send(#"{"type":"lock","locked":true}"#)
            room.host.send(#"{"type":"kick","index":2,"ban":true}"#)
            try room.host.expect(#"{"type":"peer_left","index":2}"#)
            room.host.send(#"{"type":"ticket","index":1}"#)
            let answer = try room.host.text()
            let ticket = try #require(answer.firstMatch(of: /"ticket":"([0-9a-f]{32})"/)).output.1
            machines.old.engine.beginDrain()
            #expect(await machines.handOver().given == [room.code])
            let (host, _) = try machines.new.join(room.code, as: "client-0")
            #expect(try machines.new.get("/room/\(room.code)").body.contains(#""locked":true"#))
            #expect(try machines.new.answerToJoin(room.code, as: "client-2").contains("Not allowed"))
            #expect(try machines.new.answerToJoin(room.code, as: "stranger").contains("Room is locked"))
            let (_, joined) = try machines.new.join(room.code, as: "new", fields: #","ticket":"\#(ticket)""#)
            #expect(joined.contains(#""index":1,"peers":[0]"#))
            try host.expect(#"{"type":"peer_joined","index":1}"#)
        }
    }

    @Test("what members have sent up to their close is delivered, each once and in order", arguments: [1, 4])
    func messages(loops: Int) async throws {
        try await TwoMachines.run(loops: loops) { machines in
            let room = try machines.old.room(members: 3)
            let senders = Lent(room.members)
            let count = 400
            // Before the room stands still, while it travels, and what had not been read by then.
            @Sendable func send(_ numbers: Range<Int>) {
                for number in numbers {
                    for member in senders.clients { member.send(#"{"type":"send","data":\#(number)}"#) }
                }
            }
            send(0..<count / 2)
            let journeys = await machines.handOver { _ in send(count / 2..<count) }
            #expect(journeys.given == [room.code])
            for (slot, member) in room.members.enumerated() {
                var heard: [Int: [Int]] = [:]
                var message = try member.hearMessage()
                while case .text(let text) = message {
                    let match = try #require(text.wholeMatch(of: /\{"type":"message","from":(\d),"data":(\d+)\}/))
                    heard[try #require(Int(match.output.1)), default: []].append(try #require(Int(match.output.2)))
                    message = try member.hearMessage()
                }
                #expect(message == .close(1_012, "moved"))
                for other in 0..<3 where other != slot { #expect(heard[other] == Array(0..<count)) }
            }
        }
    }

    @Test("a change during the journey travels after the room", arguments: [1, 2])
    func change(changes: Int) async throws {
        try await TwoMachines.run { machines in
            let (host, code) = try machines.old.createRoom(#""maxClients":2"#)
            let (guest, _) = try machines.old.join(code, as: "client-1")
            try host.expect(#"{"type":"peer_joined","index":1}"#)
            let sender = Lent([host])
            let journeys = await machines.handOver { journey in
                guard journey <= changes else { return }
                sender.clients[0].send(#"{"type":"set_state","data":\#(journey)}"#)
            }
            #expect(journeys.given == [String](repeating: code, count: changes + 1))
            #expect(journeys.results == [String](repeating: "taken", count: changes + 1))
            #expect(journeys.takenBack.isEmpty)
            for change in 1...changes { try guest.expect(#"{"type":"state","data":\#(change)}"#) }
            for member in [host, guest] { try Answer.expectMoved(member) }
            let (back, _) = try machines.new.join(code, as: "client-1")
            try back.expect(#"{"type":"state","data":\#(changes)}"#)
            #expect(machines.new.engine.statistics().arrivals[.taken] == changes + 1)
            #expect(machines.new.engine.statistics().roomsByLoop == [1])
        }
    }

    @Test("a room that changes all the time goes after three journeys, and its members hear of all changes")
    func restless() async throws {
        try await TwoMachines.run { machines in
            let (host, code) = try machines.old.createRoom(#""maxClients":2"#)
            let (guest, _) = try machines.old.join(code, as: "client-1")
            let sender = Lent([host])
            let journeys = await machines.handOver { journey in
                sender.clients[0].send(#"{"type":"set_state","data":\#(journey)}"#)
            }
            #expect(journeys.given.count == 3)
            for change in 1...3 { try guest.expect(#"{"type":"state","data":\#(change)}"#) }
            try Answer.expectMoved(guest)
            #expect(try machines.new.answerToJoin(code, as: "client-1") == Answer.joined(code, 1, peers: []))
        }
    }

    @Test("a dormant room goes, too, and so does what was held in it")
    func dormant() async throws {
        try await TwoMachines.run { machines in
            let (host, code) = try machines.old.createRoom(#""maxClients":2,"hold":600"#)
            let (guest, _) = try machines.old.join(code, as: "client-1")
            guest.socket.reset()
            host.socket.reset()
            machines.old.untilDormant(1)
            let journeys = await machines.handOver()
            #expect(journeys.given == [code])
            #expect(machines.old.engine.statistics().dormantRooms == 0)
            let (back, _) = try machines.new.join(code, as: "client-1")
            #expect(
                try machines.new.get("/room/\(code)", headers: ["Fly-Client-IP: 192.0.2.1"]).body
                    == #"{"clients":1,"maxClients":2,"origin":"unknown","held":1}"#)
            #expect(try machines.new.answerToJoin(code, as: "stranger") == Refusal.roomFull)
            back.leave(code: 1_001)
            try back.expectClose(1_001)
            #expect(try machines.new.answerToJoin(code, as: "client-0") == Answer.joined(code, 0, peers: []))
        }
    }

    @Test("many rooms go, all of them, and none twice", arguments: [1, 4])
    func many(loops: Int) async throws {
        try await TwoMachines.run(loops: loops) { machines in
            let rooms = try (0..<60).map { _ in try machines.old.room(members: 1) }
            machines.old.engine.beginDrain()
            let journeys = await machines.handOver()
            #expect(journeys.given.sorted() == rooms.map(\.code).sorted())
            await machines.old.engine.drained()
            for room in rooms {
                try Answer.expectMoved(room.host)
                #expect(
                    try machines.new.answerToJoin(room.code, as: "client-0") == Answer.joined(room.code, 0, peers: []))
            }
        }
    }

    @Test("the origin of a room travels: it is there again once somebody has come, and was created once")
    func origins() async throws {
        try await TwoMachines.run { machines in
            let origin = "https://game.example"
            let room = try machines.old.room(members: 2, origin: origin)
            func value(_ name: String, _ relay: RunningRelay) throws -> Double {
                try relay.page()["party_sockets_\(name)", origin: origin] ?? 0
            }
            let journeys = await machines.handOver()
            #expect(journeys.given == [room.code])
            #expect(try value("rooms_by_origin", machines.old) == 0)
            #expect(try value("clients_by_origin", machines.old) == 0)
            #expect(try value("rooms_created_total", machines.old) == 1)
            #expect(try value("rooms_by_origin", machines.new) == 0)
            let (_, answer) = try machines.new.join(room.code, as: "client-1")
            #expect(answer == Answer.joined(room.code, 1, peers: []))
            let (host, _) = try machines.new.join(room.code, as: "client-0")
            try host.expectNothing()
            machines.new.eventually("the host alone is there") { machines.new.engine.statistics().clients == 1 }
            #expect(try value("rooms_by_origin", machines.new) == 1)
            #expect(try value("clients_by_origin", machines.new) == 1)
            #expect(try value("rooms_created_total", machines.new) == 0)
            #expect(try value("connections_total", machines.new) == 0)
            #expect(
                try machines.new.get("/room/\(room.code)").body
                    == #"{"clients":1,"maxClients":100,"origin":"\#(origin)"}"#)
            host.leave(code: 1_000)
            try host.expectClose(1_000)
            #expect(try value("rooms_by_origin", machines.new) == 0)
            #expect(try value("clients_by_origin", machines.new) == 0)
        }
    }
}
