import Testing

@testable import PartySocketsClient

@Suite("A member of a room")
struct MemberTests {
    @Test(
        "each message of the relay is one event",
        arguments: [
            (
                #"{"type":"message","from":3,"data":{"a":[1.0]}}"#,
                .message(from: 3, data: RawJSON(text: #"{"a":[1.0]}"#))
            ),
            (#"{"type":"message","from":3}"#, .message(from: 3, data: nil)),
            (#"{"type":"message","from":3,"data":null}"#, .message(from: 3, data: RawJSON(text: "null"))),
            (#"{"type":"state","data":"x"}"#, .state(RawJSON(text: #""x""#))),
            (#"{"type":"peer_joined","index":2}"#, .peer(2)), (#"{"type":"peer_joined","index":0}"#, .back(0)),
            (#"{"type":"peer_joined","index":2,"back":true}"#, .back(2)),
            (#"{"type":"peer_left","index":0}"#, .away(0, reason: nil, isHeld: false)),
            (#"{"type":"peer_left","index":0,"reason":"lost","held":true}"#, .away(0, reason: "lost", isHeld: true)),
            (#"{"type":"peer_left","index":0,"reason":"left"}"#, .gone(0, reason: "left")),
            (#"{"type":"peer_left","index":0,"reason":"kicked"}"#, .gone(0, reason: "kicked")),
            (#"{"type":"peer_replaced","index":0}"#, .replaced(0)), (#"{"type":"moved"}"#, .moved),
            (
                #"{"type":"error","message":"Target peer not found"}"#,
                .error(PartyError(.targetNotFound, "Target peer not found"))
            ),
            (#"{"type":"news"}"#, .unreadable(Array(#"{"type":"news"}"#.utf8))),
            ("[1]", .unreadable(Array("[1]".utf8))),
            ("", .unreadable([])), (#"{"type":"state"}"#, .unreadable(Array(#"{"type":"state"}"#.utf8))),
        ] as [(String, RoomEvent)])
    func events(text: String, event: RoomEvent) throws {
        var test = try MachineUnderTest.member(entrance: MachineUnderTest.joined(peers: [0]))
        #expect(test.hear(text) == [.emit(event)])
        #expect(test.machine.state == .inRoom)
    }

    @Test("who is there and who may come back is known at any time")
    func peers() throws {
        var test = try MachineUnderTest.member(entrance: MachineUnderTest.joined(peers: [3, 0], away: [2]))
        #expect(test.machine.view?.peers == [0, 3])
        _ = test.hear(#"{"type":"peer_joined","index":2,"back":true}"#)
        _ = test.hear(#"{"type":"peer_left","index":3,"reason":"lost"}"#)
        _ = test.hear(#"{"type":"peer_left","index":0,"reason":"left"}"#)
        #expect(test.machine.view?.peers == [2])
        #expect(test.machine.view?.away == [3])
    }

    @Test("a relay that says anything is asked for nothing but the round trip, every half minute")
    func chatty() throws {
        var test = try MachineUnderTest.member()
        var pings = 0
        for _ in 0..<600 {
            test.pass(.milliseconds(100))
            pings += test.hear(#"{"type":"message","from":0}"#).texts.count
            pings += test.machine.tick(at: test.now).texts.count
        }
        #expect(pings == 2)
    }

    @Test("a silent relay is asked whether it is there, and its answer is the round trip")
    func pings() throws {
        var test = try MachineUnderTest.member()
        test.pass(.milliseconds(80))
        #expect(test.hear(#"{"type":"pong","t":1}"#).events == [.rtt(.milliseconds(80))])
        #expect(test.wake().texts == [#"{"type":"ping","t":2}"#])
        #expect(test.now == .milliseconds(5_080))
        test.pass(.milliseconds(160))
        #expect(test.hear(#"{"type":"pong","t":2}"#).events == [.rtt(.milliseconds(90))])
        #expect(test.hear(#"{"type":"pong","t":2}"#).events == [], "an answer counts once")
        #expect(test.machine.view?.rtt == .milliseconds(90))
    }

    @Test("a relay that does not answer is given up, but not if anything else arrives")
    func silence() throws {
        var test = try MachineUnderTest.member()
        _ = test.hear(#"{"type":"pong","t":1}"#)
        _ = test.wake()
        test.pass(.seconds(4))
        test.machine.heard(at: test.now)
        #expect(test.wake().texts == [#"{"type":"ping","t":3}"#])
        let actions = test.wake()
        #expect(test.now == .seconds(19))
        #expect(actions.first == .hangUp(1001))
        #expect(actions.paths == ["/K4qZ9x?instance=m-1"])
    }

    @Test("a slow link gets twice the time at each loss, up to eight times, until a connection has lived for a minute")
    func patience() throws {
        var test = try MachineUnderTest.member()
        var waits: [Duration] = []
        for life in [0, 0, 0, 0, 62, 0] {
            for second in 0..<life {
                test.pass(.seconds(1))
                _ = test.hear(#"{"type":"message","from":0,"data":\#(second)}"#)
                if let wake = test.machine.wake, wake <= test.now { _ = test.machine.tick(at: test.now) }
            }
            let silent = test.now
            while test.machine.state == .inRoom { _ = test.wake() }
            waits.append(test.now - silent)
            if test.wait != .zero { _ = test.wake() }
            _ = test.opened()
            _ = test.hear(MachineUnderTest.joined())
        }
        #expect(Array(waits.prefix(4)) == [5, 10, 20, 40].map { .seconds($0) })
        #expect(waits[4] == .seconds(10), "five seconds until a ping, and five for its answer")
        #expect(waits[5] == .seconds(10), "twice the time once more")
    }

    @Test("an old relay is asked by frames, which all relays answer")
    func oldRelay() throws {
        var test = try MachineUnderTest.member(entrance: MachineUnderTest.joined(isOld: true))
        test.pass(.milliseconds(20))
        #expect(test.machine.ponged(1, at: test.now) == [.emit(.rtt(.milliseconds(20)))])
        #expect(test.wake() == [.ping(2)])
    }

    @Test("of the states of 50 ms the last one is sent, the first one at once")
    func states() throws {
        var test = try MachineUnderTest.member(entrance: MachineUnderTest.joined(index: 0, peers: []))
        var sent: [String] = []
        for number in 0..<100 {
            sent += test.machine.set(RawJSON(text: "\(number)"), at: test.now).texts
            test.pass(.milliseconds(10))
            if let wake = test.machine.wake, wake <= test.now { sent += test.machine.tick(at: test.now).texts }
        }
        #expect(sent.first == #"{"type":"set_state","data":0}"#)
        #expect((19...21).contains(sent.count))
        sent += test.wake().texts
        #expect(sent.last == #"{"type":"set_state","data":99}"#)
    }

    @Test("the host's latest state is sent after each return, and the relay's older one is no event")
    func stateOnReturn() throws {
        var test = try MachineUnderTest.member(entrance: MachineUnderTest.joined(index: 0, peers: []))
        _ = test.machine.set(RawJSON(text: "1"), at: test.now)
        test.pass(.seconds(60))
        _ = test.lose()
        #expect(test.machine.set(RawJSON(text: "2"), at: test.now) == [])
        _ = test.opened()
        let texts = test.hear(MachineUnderTest.joined(index: 0, peers: [])).texts
        #expect(texts.contains(#"{"type":"set_state","data":2}"#))
        #expect(test.hear(#"{"type":"state","data":1}"#) == [])
        #expect(test.machine.view?.state == RawJSON(text: "2"))
    }

    @Test("a ticket is given to who asked for it, and so is the refusal")
    func tickets() throws {
        var test = try MachineUnderTest.member(entrance: MachineUnderTest.joined(index: 0, peers: [1, 2]))
        #expect(test.machine.requestTicket(1, for: 1, at: test.now).texts == [#"{"type":"ticket","index":1}"#])
        _ = test.machine.requestTicket(2, for: 2, at: test.now)
        _ = test.machine.requestTicket(3, for: 9, at: test.now)
        _ = test.machine.requestTicket(5, for: 1, at: test.now)
        #expect(test.hear(#"{"type":"ticket","index":2,"ticket":"b"}"#) == [.answer(2, .success("b"))])
        #expect(test.hear(#"{"type":"ticket","index":1,"ticket":"a"}"#) == [.answer(1, .success("a"))])
        let refusal = PartyError(.targetNotFound, "No")
        #expect(
            test.hear(#"{"type":"error","message":"No","code":"target_not_found"}"#) == [.answer(3, .failure(refusal))])
        // The other is for a slot that there is: what has not found its target was a message.
        #expect(
            test.hear(#"{"type":"error","message":"No","code":"target_not_found"}"#) == [.emit(.error(refusal))])
        #expect(test.hear(#"{"type":"ticket","index":1,"ticket":"c"}"#) == [.answer(5, .success("c"))])
        _ = test.machine.requestTicket(4, for: 1, at: test.now)
        test.pass(.seconds(10))
        guard case .answer(4, .failure(let error)) = test.machine.tick(at: test.now).first else {
            return #expect(Bool(false))
        }
        #expect(error.code == .timeout)
    }

    @Test("a member that leaves says so and waits for the answer, two seconds at most")
    func leaving() throws {
        var test = try MachineUnderTest.member()
        #expect(test.machine.leave(closesRoom: false, at: test.now).texts == [#"{"type":"leave"}"#])
        var silent = test
        #expect(test.lose(1000).last == .finish(PartyError(.left, "Left the room")))
        #expect(silent.wake().first == .hangUp(1000))
        #expect(silent.now == .seconds(2))
        #expect(silent.end == .left)
    }

    @Test("to an old relay the close frame is the goodbye, and who is away has nobody to say it to")
    func leavingQuietly() throws {
        var old = try MachineUnderTest.member(entrance: MachineUnderTest.joined(isOld: true))
        #expect(old.machine.leave(closesRoom: false, at: old.now).first == .hangUp(1000))
        var away = try MachineUnderTest.member()
        _ = away.lose(4008)
        #expect(away.machine.leave(closesRoom: false, at: away.now).count == 1)
        #expect(away.end == .left)
    }

    @Test("a host that closes its room is told when that is done")
    func closing() throws {
        var test = try MachineUnderTest.member(entrance: MachineUnderTest.joined(index: 0, peers: []))
        #expect(test.machine.leave(closesRoom: true, at: test.now).texts == [#"{"type":"close_room"}"#])
        _ = test.lose(4001)
        #expect(test.end == .roomClosed)
    }
}
