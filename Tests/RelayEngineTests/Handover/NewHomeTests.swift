import RelayCore
import RelayEngine
import RelayWire
import Testing

/// Requests at the machine that had the room before.
@Suite("Requests for rooms that have gone", .blocking)
struct NewHomeTests {
    private static let player = ["Fly-Client-IP: 192.0.2.1"]
    private static let onward = "instance=m-2;state=handed-over;timeout=5s;fallback=force_self"

    private static func upgrade(_ target: String, _ headers: [String], at relay: RunningRelay) throws -> HTTPReply {
        let client = try relay.dial()
        client.sendRequest(target, headers: TestClient.upgradeFields + headers)
        return try client.reply()
    }

    @Test(
        "a request for a room that was handed over is sent on, also with a pin to the machine, or after a replay",
        arguments: [1, 4])
    func sentOn(loops: Int) async throws {
        try await TwoMachines.run(loops: loops) { machines in
            let rooms = try (0..<4).map { _ in try machines.old.room(members: 1) }
            machines.old.engine.beginDrain()
            let journeys = await machines.handOver()
            #expect(journeys.given.count == 4)
            var replays = 0
            for room in rooms {
                for query in ["", "?instance=m-1", "?x=1"] {
                    for source in [
                        [], ["fly-replay-src: instance=m-9;region=nrt;t=1"],
                        ["fly-replay-src: instance=m-3;region=fra;t=1"],
                        ["fly-replay-src: instance=m-3;region=fra;t=1;state=other"],
                    ] {
                        let headers = Self.player + source
                        let plain = try machines.old.get("/room/\(room.code)\(query)", headers: headers)
                        #expect(plain.status == 409)
                        #expect(plain["fly-replay"] == Self.onward)
                        let upgrade = try Self.upgrade("/\(room.code)\(query)", headers, at: machines.old)
                        #expect(upgrade.status == 409)
                        #expect(upgrade["fly-replay"] == Self.onward)
                        replays += 2
                    }
                }
            }
            #expect(machines.old.engine.statistics().replays[.newHome] == replays)
            #expect(machines.old.engine.statistics().unknownAnswers == 0)
        }
    }

    @Test("what was sent on comes back once: nobody can tell then, and it says when to try again", arguments: [1, 4])
    func comesBack(loops: Int) async throws {
        try await TwoMachines.run(loops: loops) { machines in
            let room = try machines.old.room(members: 1)
            machines.old.engine.beginDrain()
            _ = await machines.handOver()
            let returns = [
                ["fly-replay-src: instance=m-2;region=fra;t=1;state=handed-over"],
                ["fly-replay-src: instance=m-1;region=fra;t=1;state=handed-over", "fly-replay-failed: instance=m-2"],
                ["fly-replay-failed: instance=m-2"],
                // However it is spelled by a proxy that joins values.
                ["fly-replay-src: region=nrt, instance=m-2;state=handed-over;t=1"],
            ]
            for (number, headers) in returns.enumerated() {
                for query in ["", "?instance=m-1"] {
                    let plain = try machines.old.get("/room/\(room.code)\(query)", headers: Self.player + headers)
                    #expect(plain.status == 503, "\(headers)")
                    #expect(plain["Retry-After"] == "1")
                    #expect(plain["X-Instance-Id"] == "m-1")
                    #expect(plain.allowsEveryOrigin)
                    let upgrade = try Self.upgrade("/\(room.code)\(query)", Self.player + headers, at: machines.old)
                    #expect(upgrade.status == 503, "\(headers)")
                    #expect(upgrade["Retry-After"] == "1")
                    // The page at this path does not depend on the room.
                    #expect(try machines.old.get("/\(room.code)\(query)", headers: Self.player + headers).status == 200)
                }
                #expect(machines.old.engine.statistics().unknownAnswers == 4 * (number + 1))
            }
        }
    }

    @Test("the machine that has the room now serves what was sent on, and does not send it back", arguments: [1, 4])
    func served(loops: Int) async throws {
        try await TwoMachines.run(loops: loops) { machines in
            let room = try machines.old.room(members: 2)
            _ = await machines.handOver()
            for pin in ["", "?instance=m-1"] {
                let source = Self.player + ["fly-replay-src: instance=m-1;region=fra;t=1;state=handed-over"]
                let client = try machines.new.connect("/\(room.code)\(pin)", headers: source)
                try client.join(room.code, clientID: "client-1")
                try client.expect(#"{"type":"joined","room":"\#(room.code)","index":1,"peers":[]}"#)
                #expect(try machines.new.get("/room/\(room.code)", headers: source).status == 200)
                // A page with a pin is sent to itself without it, as ever.
                let page = try machines.new.get("/room/\(room.code)?instance=m-1&x=1", headers: source)
                #expect(page.status == 302)
                #expect(page["Location"] == "/room/\(room.code)?x=1")
                client.leave(code: 1_001)
                try client.expectClose(1_001)
            }
        }
    }

    @Test("siblings that ask hear yes from the new machine, and not no from the old one; other codes are as ever")
    func questions() async throws {
        try await TwoMachines.run(loops: 2) { machines in
            let room = try machines.old.room(members: 1)
            _ = await machines.handOver()
            for target in ["/room/\(room.code)", "/room/\(room.code)?instance=m-1"] {
                #expect(try machines.old.get(target).status == 503)
            }
            for target in ["/room/\(room.code)", "/room/\(room.code)?instance=m-2"] {
                #expect(try machines.new.get(target).status == 200)
            }
            let other = RoomCode(home: Region(name: "fra"), random: 7)
            #expect(try machines.old.get("/room/\(other)", headers: Self.player).status == 404)
            #expect(try machines.old.get("/health", headers: Self.player).status == 200)
            #expect(machines.old.engine.statistics().replays[.newHome] == 0)
        }
    }

    @Test("a room that was handed over may come back, and is served here then")
    func andBack() async throws {
        try await TwoMachines.run { machines in
            let room = try machines.old.room(members: 1)
            _ = await machines.handOver()
            let port = machines.old.port
            await machines.new.engine.handOver(
                to: RoomTaker { code, record in
                    var request = HandoverRequest(.take, code, body: record)
                    (request.target, request.pin) = ("m-1", "m-1")
                    return try? request.send(to: port).status == 201 ? InstanceID("m-1") : nil
                } takeBack: { _, _ in
                    Issue.record("it was taken")
                }, over: 0)
            let (host, answer) = try machines.old.join(room.code, as: "client-0", target: "/\(room.code)")
            #expect(answer == #"{"type":"joined","room":"\#(room.code)","index":0,"peers":[]}"#)
            #expect(
                try machines.new.get("/room/\(room.code)", headers: Self.player)["fly-replay"]?.contains("m-1") == true)
            try host.expectNothing()
        }
    }

    // MARK: Places and limits

    @Test("the places of those who were connected are theirs, whoever else has a slot", arguments: [1, 4])
    func places(loops: Int) async throws {
        try await TwoMachines.run(loops: loops) { machines in
            var room = try machines.old.room(members: 2, maxClients: 2)
            // A third slot beyond the places: its owner took the second's place, who then came back for it.
            room.members[1].leave(code: 1_001)
            try room.host.expect(#"{"type":"peer_left","index":1}"#)
            let (third, _) = try machines.old.join(room.code, as: "client-2")
            try room.host.expect(#"{"type":"peer_joined","index":2}"#)
            third.leave(code: 1_000)
            try room.host.expect(#"{"type":"peer_left","index":2}"#)
            room.members[1] = try machines.old.join(room.code, as: "client-1").client
            _ = await machines.handOver()
            #expect(try machines.new.answerToJoin(room.code, as: "client-2") == Refusal.roomFull)
            let (host, _) = try machines.new.join(room.code, as: "client-0")
            for late in ["client-2", "newcomer"] {
                #expect(try machines.new.answerToJoin(room.code, as: late) == Refusal.roomFull)
            }
            let (second, answer) = try machines.new.join(room.code, as: "client-1")
            #expect(answer == #"{"type":"joined","room":"\#(room.code)","index":1,"peers":[0]}"#)
            // From here on it is a room as any other: who is lost has no place.
            try host.expect(#"{"type":"peer_joined","index":1}"#)
            second.leave(code: 1_001)
            try host.expect(#"{"type":"peer_left","index":1}"#)
            #expect(try machines.new.answerToJoin(room.code, as: "client-2").hasPrefix(#"{"type":"joined""#))
        }
    }

    @Test("a machine that has smaller rooms keeps as many places as it has, the first ones")
    func smallerRooms() async throws {
        try await TwoMachines.run(configureNew: { $0.messageLimits.maxClientsPerRoom = 2 }) { machines in
            let room = try machines.old.room(members: 4, maxClients: 4)
            _ = await machines.handOver()
            #expect(try machines.new.answerToJoin(room.code, as: "client-3") == Refusal.roomFull)
            let (guest, _) = try machines.new.join(room.code, as: "client-1")
            let (host, answer) = try machines.new.join(room.code, as: "client-0")
            #expect(answer == #"{"type":"joined","room":"\#(room.code)","index":0,"peers":[1]}"#)
            #expect(
                try machines.new.get("/room/\(room.code)").body
                    == #"{"clients":2,"maxClients":2,"origin":"unknown"}"#)
            guest.leave(code: 1_001)
            try host.expect(#"{"type":"peer_left","index":1}"#)
            #expect(try machines.new.answerToJoin(room.code, as: "client-2").contains(#""index":2"#))
        }
    }

    @Test("a room whose host does not come back to it ends after the host's grace time, counted from its arrival")
    func hostGrace() async throws {
        try await Grace.outrun { grace in
            var isInTime = false
            try await TwoMachines.run(configureNew: { $0.hostGrace = grace }) { machines in
                let room = try machines.old.room(members: 2)
                let start = ContinuousClock.now
                _ = await machines.handOver()
                let (guest, answer) = try machines.new.join(room.code, as: "client-1")
                isInTime = Grace.wasInTime(answer, grace, since: start)
                guard isInTime else { return }
                #expect(answer == #"{"type":"joined","room":"\#(room.code)","index":1,"peers":[]}"#)
                try guest.expectClose(4001, "room closed")
                #expect(ContinuousClock.now - start >= .seconds(grace))
            }
            return isInTime
        }
    }

    @Test("a room that nobody comes for ends after the grace time")
    func nobodyComes() async throws {
        try await TwoMachines.run(configureNew: { $0.emptyGrace = 1 }) { machines in
            let room = try machines.old.room(members: 2)
            _ = await machines.handOver()
            machines.new.untilDormant(0)
            #expect(machines.new.engine.statistics().expired[.unvisited] == 1)
            #expect(try machines.new.answerToJoin(room.code, as: "client-0") == Refusal.notFound)
        }
    }
}
