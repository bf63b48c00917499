import RelayCore
import RelayEngine
import RelayWire
import Testing

@Suite("Rooms that have arrived", .blocking)
struct ArrivedRoomTests {
    @Test("a later record takes the place of an earlier one, as long as nobody has come", arguments: [1, 4])
    func again(loops: Int) async throws {
        try await HandoverOrderTests.withMachine(loops: loops) { relay in
            for state in ["1", "2"] {
                #expect(try HandoverRequest(HandoverOrderTests.record(state: state)).send(to: relay.port).status == 201)
                #expect(relay.engine.statistics().dormantRooms == 1)
            }
            let code = "\(HandoverOrderTests.record().code)"
            let (host, _) = try relay.join(code, as: "client-0")
            try host.expect(#"{"type":"state","data":2}"#)
            let reply = try HandoverRequest(HandoverOrderTests.record(state: "3")).send(to: relay.port)
            #expect(reply.status == 503)
            #expect(reply["X-Handover"] == "in_use")
            try host.expectNothing()
            #expect(try relay.answerToJoin(code, as: "client-1").hasPrefix(#"{"type":"joined""#))
            #expect(relay.engine.statistics().roomsByLoop.reduce(0, +) == 1)
        }
    }

    @Test("a room that nobody has come for is forgotten on demand", arguments: [1, 4])
    func forgotten(loops: Int) async throws {
        try await HandoverOrderTests.withMachine(loops: loops) { relay in
            let record = HandoverOrderTests.record()
            #expect(try HandoverRequest(.forget, record.code).send(to: relay.port).status == 404)
            #expect(try HandoverRequest(record).send(to: relay.port).status == 201)
            let reply = try HandoverRequest(.forget, record.code).send(to: relay.port)
            #expect(reply.status == 200)
            #expect(reply["X-Handover"] == "forgotten")
            #expect(try HandoverRequest(.forget, record.code).send(to: relay.port).status == 404)
            try HandoverOrderTests.expectNothing(of: record, on: relay)
        }
    }

    @Test("a room that has players, or was created here, is not forgotten", arguments: [1, 4])
    func living(loops: Int) async throws {
        try await HandoverOrderTests.withMachine(loops: loops) { relay in
            let record = HandoverOrderTests.record()
            #expect(try HandoverRequest(record).send(to: relay.port).status == 201)
            let (guest, _) = try relay.join("\(record.code)", as: "client-1")
            let own = try relay.room(members: 1)
            let lost = try relay.room(members: 1)
            lost.loseEverybody()
            relay.untilDormant(1)
            for code in ["\(record.code)", own.code, lost.code] {
                let code = try #require(RoomCode(code))
                #expect(try HandoverRequest(.forget, code).send(to: relay.port).status == 404)
                #expect(try HandoverRequest(.take, code, body: [1]).send(to: relay.port).status == 503)
            }
            guest.sits(at: 1)
            try guest.expectNothing()
            try own.host.expectNothing()
            #expect(try relay.answerToJoin(lost.code, as: "client-0").hasPrefix(#"{"type":"joined""#))
        }
    }

    // MARK: Rooms from before a restart

    @Test("rooms that were kept are there from the start, on whichever loop they belong", arguments: [1, 2, 4])
    func kept(loops: Int) async throws {
        let records = (1...12).map { HandoverOrderTests.record(UInt64($0), state: "\($0)") }
        try await withRelay(loops: loops, kept: records) { relay in
            relay.untilDormant(12)
            #expect(relay.engine.statistics().restored == 12)
            #expect(relay.engine.statistics().arrivals.values.allSatisfy { $0 == 0 })
            for (number, record) in records.enumerated() {
                let (host, answer) = try relay.join("\(record.code)", as: "client-0")
                #expect(answer == #"{"type":"joined","room":"\#(record.code)","index":0,"peers":[]}"#)
                try host.expect(#"{"type":"state","data":\#(number + 1)}"#)
                host.leave(code: 1_000)
                try host.expectClose(1_000)
            }
            #expect(relay.engine.statistics().dormantRooms == 0)
            #expect(relay.engine.statistics().roomBytes == 0)
        }
    }

    @Test("of the rooms that were kept as many come back as there may be")
    func keptTooMany() async throws {
        let records = (1...5).map { HandoverOrderTests.record(UInt64($0)) }
        try await withRelay(loops: 2, kept: records) {
            $0.maxRooms = 3
        } _: { relay in
            relay.untilDormant(3)
            #expect(relay.engine.statistics().restored == 3)
        }
    }
}
