import Testing

@testable import PartySocketsClient

@Suite("The way back into a room")
struct ReturnTests {
    @Test(
        "a connection that ends is followed by the next, or by the end, as the close code says",
        arguments: [
            (nil, .back(.zero)), (1000, .back(.zero)), (1001, .back(.zero)), (1005, .back(.zero)),
            (1002, .back(.zero)), (1006, .back(.zero)), (1012, .back(.zero)), (1007, .back(.seconds(1))),
            (1009, .back(.seconds(1))), (1008, .back(.seconds(1))), (1011, .back(.seconds(1))),
            (1013, .back(.seconds(1))), (1014, .back(.seconds(1))), (4008, .back(.seconds(1))),
            (4002, .back(.seconds(1))), (4567, .back(.seconds(1))),
            (4000, .end(.replaced, isFinal: false)), (4001, .end(.roomClosed, isFinal: true)),
            (4003, .end(.kicked, isFinal: true)),
        ] as [(Int?, Course)])
    func closes(code: Int?, course: Course) throws {
        var test = try MachineUnderTest.member()
        let actions = test.lose(code)
        switch course {
        case .back(let wait):
            #expect(test.wait == wait)
            guard case .disconnected(let error) = actions.events.first else { return #expect(Bool(false)) }
            #expect(error.closeCode == code)
            #expect(test.machine.view?.connection == .reconnecting)
        case .end(let reason, let isFinal):
            guard case .finish(let error) = actions.last else { return #expect(Bool(false), "\(actions)") }
            #expect(error.code == reason)
            #expect(error.isFinal == isFinal)
            #expect(actions.events == [], "an end is no absence")
            #expect(test.machine.view?.connection == .closed)
        }
    }

    enum Course: Equatable, Sendable {
        case back(Duration)
        case end(PartyError.Code, isFinal: Bool)
    }

    @Test(
        "a return that is refused is repeated, or is the end, as the error code says",
        arguments: [
            ("room_full", .back(.seconds(5))), ("server_full", .back(.seconds(5))),
            ("server_draining", .back(.seconds(1))), ("too_many_attempts", .back(.seconds(1))),
            ("ticket_invalid", .back(.zero)), ("a_new_code", .back(.zero)),
            ("room_locked", .end(.roomLocked, isFinal: true)),
            ("not_allowed", .end(.notAllowed, isFinal: true)),
        ] as [(String, Course)])
    func refusals(code: String, course: Course) throws {
        var test = try MachineUnderTest.member(jitter: 0)
        _ = test.lose()
        _ = test.deny(code)
        switch course {
        // The second attempt is never at once.
        case .back(let wait): #expect(test.wait == max(wait, .milliseconds(125)))
        case .end(let reason, _): #expect(test.end == reason)
        }
    }

    @Test("the first attempt asks the room's machine, and all others whoever has the room by now")
    func pins() throws {
        var test = try MachineUnderTest.member()
        #expect(test.lose().paths == ["/K4qZ9x?instance=m-1"])
        _ = test.lose()
        #expect(test.wake().paths == ["/K4qZ9x"])
    }

    @Test("a room that has moved is looked for by its code at once", arguments: [true, false])
    func moved(isSaid: Bool) throws {
        var test = try MachineUnderTest.member()
        if isSaid { #expect(test.hear(#"{"type":"moved"}"#).events == [.moved]) }
        #expect(test.lose(isSaid ? nil : 1012).paths == ["/K4qZ9x"])
    }

    @Test("waits grow to four seconds, by chance up to half of them shorter")
    func waits() throws {
        for (jitter, factor) in [(1.0, 1.0), (0.0, 0.5)] {
            var test = try MachineUnderTest.member(jitter: jitter)
            var waits: [Duration] = []
            for _ in 0..<8 {
                _ = test.lose()
                waits.append(try #require(test.wait))
                if test.wait != .zero { _ = test.wake() }
            }
            let expected = [0, 250, 500, 1_000, 2_000, 4_000, 4_000, 4_000].map { Duration.milliseconds($0) * factor }
            #expect(waits == expected)
        }
    }

    @Test("who is thrown out as soon as it is in waits longer each time, and nobody else does")
    func thrownOut() throws {
        var test = try MachineUnderTest.member()
        var waits: [Duration] = []
        for stay in [Duration.zero, .seconds(1), .seconds(1), .seconds(6), .zero] {
            test.pass(stay)
            _ = test.lose()
            waits.append(try #require(test.wait))
            if test.wait != .zero { _ = test.wake() }
            _ = test.opened()
            _ = test.hear(MachineUnderTest.joined())
        }
        #expect(waits == [0, 250, 500, 0, 250].map { .milliseconds($0) })
    }

    @Test("who is thrown out again and again gives up after the budget, too")
    func thrownOutForEver() throws {
        var test = try MachineUnderTest.member { $0.budget = .seconds(60) }
        while test.end == nil, test.now < .seconds(1_000) {
            _ = test.lose()
            if test.wait != .zero { _ = test.wake() }
            _ = test.opened()
            _ = test.hear(MachineUnderTest.joined())
        }
        #expect(test.end == .gaveUp)
        #expect((.seconds(50)...(.seconds(60))).contains(test.now))
    }

    @Test("after the budget it gives up, and a player who asks gets a new one")
    func budget() throws {
        var test = try MachineUnderTest.member { $0.budget = .seconds(20) }
        _ = test.lose()
        test.pass(.seconds(15))
        _ = test.lose()
        #expect(test.machine.resume(at: test.now).paths == ["/K4qZ9x"])
        let resumed = test.now
        while test.end == nil {
            _ = test.lose()
            _ = test.wake()
        }
        #expect(test.end == .gaveUp)
        #expect((.seconds(14)...(.seconds(20))).contains(test.now - resumed))
    }

    @Test("that there is no room counts when it was said twice since the room was left, without a pin")
    func notFound() throws {
        var test = try MachineUnderTest.member()
        _ = test.lose()
        #expect(test.deny("room_not_found").contains(.finish(PartyError(.roomNotFound, "No"))) == false)
        _ = test.wake()
        _ = test.deny("room_not_found")
        #expect(test.wait == .milliseconds(2_200))
        _ = test.wake()
        _ = test.opened()
        _ = test.hear(MachineUnderTest.joined())

        _ = test.lose(1012)
        _ = test.wake()
        _ = test.deny("room_not_found")
        #expect(test.end == nil)
        _ = test.wake()
        _ = test.deny("room_not_found")
        #expect(test.end == .roomNotFound)
    }

    @Test("the game hears that it is back, and who went and who came meanwhile")
    func changes() throws {
        var test = try MachineUnderTest.member(entrance: MachineUnderTest.joined(peers: [0, 2, 3], away: [4]))
        test.pass(.seconds(60))
        _ = test.lose()
        test.pass(.seconds(2))
        _ = test.opened()
        let events = test.hear(MachineUnderTest.joined(peers: [0, 4, 5], away: [3])).events
        #expect(
            events == [
                .reconnected(after: .seconds(2), attempts: 1), .away(2, reason: nil, isHeld: false),
                .away(3, reason: nil, isHeld: true), .back(4), .peer(5),
            ])
        #expect(test.machine.view?.peers == [0, 4, 5])
        #expect(test.machine.view?.away == [2, 3])
        #expect(test.machine.view?.connection == .open)
    }

    @Test("an old relay, which does not name a room's machine to who joins, is no reason to forget it")
    func oldRelay() throws {
        var test = try MachineUnderTest(.create(RoomOptions.NewRoom(maxClients: 2)))
        _ = test.begin()
        _ = test.opened()
        _ = test.hear(#"{"type":"created","room":"K4qZ9x","instance":"m-1","region":"ams","index":0}"#)
        for _ in 0..<2 {
            test.pass(.seconds(60))
            #expect(test.lose().paths == ["/K4qZ9x?instance=m-1"])
            _ = test.opened()
            _ = test.hear(MachineUnderTest.joined(index: 0, peers: [], isOld: true))
        }
        #expect(test.machine.view?.region == "ams")
    }

    @Test("a suspended member does nothing until it is resumed, and then comes back at once")
    func suspended() throws {
        var test = try MachineUnderTest.member()
        let actions = test.machine.suspend(at: test.now)
        #expect(actions.first == .hangUp(1001))
        #expect(test.machine.wake == nil)
        test.pass(.seconds(3_600))
        #expect(test.machine.resume(at: test.now).paths == ["/K4qZ9x?instance=m-1"])
        #expect(test.machine.wake == test.now + .seconds(5))
    }
}
