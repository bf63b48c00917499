import Testing

@testable import PartySocketsClient

@Suite("The way into a room")
struct EntranceTests {
    @Test("a create asks for the additions at the relay's root, and is answered with the room")
    func create() throws {
        var test = try MachineUnderTest(
            .create(RoomOptions.NewRoom(maxClients: 4, controllerURL: "https://a/\"{room}", hold: .seconds(30))))
        #expect(test.begin().paths == ["/"])
        #expect(
            test.opened().texts == [
                #"{"type":"create","v":3,"clientId":"secret","maxClients":4,"url":"https://a/\"{room}","hold":30.0}"#
            ])
        let actions = test.hear(
            #"{"type":"created","room":"K4qZ9x","instance":"m-1","region":"ams","index":0,"maxClients":4,"hold":30}"#)
        #expect(actions.first == .enter)
        #expect(test.machine.view?.code == "K4qZ9x")
        #expect(test.machine.view?.hold == .seconds(30))
        #expect(test.machine.state == .inRoom)
    }

    @Test("a join goes to the room's path, with the machine that was named in the first attempt alone")
    func join() throws {
        var test = try MachineUnderTest { $0.instance = "m-7" }
        #expect(test.begin().paths == ["/K4qZ9x?instance=m-7"])
        #expect(test.opened().texts == [#"{"type":"join","v":3,"clientId":"secret","room":"K4qZ9x"}"#])
        #expect(test.lose().paths == ["/K4qZ9x"])
    }

    @Test("a code that somebody has typed can be nothing but a code")
    func typed() throws {
        var test = try MachineUnderTest(.join("../a?b\u{e9}\"\n"))
        #expect(test.begin().paths == ["/%2e%2e%2fa%3fb%c3%a9%22%0a"])
        #expect(
            test.opened().texts == [#"{"type":"join","v":3,"clientId":"secret","room":"../a?bé\"\n"}"#])
    }

    @Test(
        "a newcomer is told at once what only its player can change",
        arguments: ["room_not_found", "room_full", "room_locked", "not_allowed", "ticket_invalid", "a_new_code"])
    func passedOn(code: String) throws {
        var test = try MachineUnderTest()
        _ = test.begin()
        let actions = test.deny(code)
        #expect(actions.first == .hangUp(1000))
        #expect(test.end?.rawValue == code)
        guard case .finish(let error) = actions.last else { return #expect(Bool(false), "\(actions)") }
        #expect(error.isFinal == (code != "room_full"))
    }

    @Test(
        "a newcomer tries again by itself where its player can do nothing",
        arguments: [
            ("server_draining", nil, 1_000), ("server_full", nil, 5_000), ("too_many_attempts", 2, 2_500),
            ("server_full", 3, 5_000), ("server_full", 6, 7_500),
        ] as [(String, Int?, Int)])
    func triedAgain(code: String, retryAfter: Int?, wait: Int) throws {
        var test = try MachineUnderTest()
        _ = test.begin()
        _ = test.deny(code, retryAfter: retryAfter)
        #expect(test.wait == .milliseconds(wait))
        #expect(test.wake().paths == ["/K4qZ9x"])
    }

    @Test("a relay that cannot be reached is tried until the time is up, and then that is the error")
    func unreachable() throws {
        var test = try MachineUnderTest { $0.timeout = .seconds(10) }
        _ = test.begin()
        var attempts = 1
        while test.end == nil, attempts < 100 {
            attempts += test.lose().paths.count
            if test.wait != .zero { attempts += test.wake().paths.count }
        }
        #expect(test.end == .unreachable)
        // At the beginning, at once, and after 0.25, 0.5, 1, 2 and 4 s.
        #expect(attempts == 7)
        #expect(test.now <= .seconds(10))
    }

    @Test("a relay that does not answer ends with a timeout, after two attempts")
    func silent() throws {
        var test = try MachineUnderTest { $0.timeout = .seconds(9) }
        _ = test.begin()
        #expect(test.wake().paths == ["/K4qZ9x"])
        #expect(test.now == .seconds(5))
        _ = test.opened()
        _ = test.wake()
        #expect(test.end == .timeout)
        #expect(test.now == .seconds(9))
    }

    @Test(
        "a refused upgrade ends or repeats the attempt by its status",
        arguments: [
            (403, .end(.notAllowed)), (404, .end(.roomNotFound)), (400, .end(.noRelay)), (426, .end(.noRelay)),
            (200, .end(.noRelay)), (302, .end(.noRelay)), (429, .wait(.seconds(1))), (503, .wait(.zero)),
            (502, .wait(.zero)), (409, .wait(.zero)),
        ] as [(Int, Outcome)])
    func refused(status: Int, outcome: Outcome) throws {
        var test = try MachineUnderTest()
        _ = test.begin()
        _ = test.refuse(status)
        #expect(outcome == test.end.map(Outcome.end) ?? .wait(test.wait ?? .seconds(-1)))
    }

    enum Outcome: Equatable, Sendable {
        case end(PartyError.Code)
        case wait(Duration)
    }

    @Test("a refusal's Retry-After is waited for, and up to a quarter longer")
    func retryAfter() throws {
        for (jitter, wait) in [(0.0, 2.0), (1.0, 2.5)] {
            var test = try MachineUnderTest(jitter: jitter)
            _ = test.begin()
            _ = test.refuse(503, retryAfter: .seconds(2))
            #expect(test.wait == .seconds(wait))
        }
    }

    @Test("redirects are followed at once, three of them, and never out of an encrypted connection")
    func redirects() throws {
        var test = try MachineUnderTest()
        _ = test.begin()
        #expect(test.refuse(302, location: "/other?a=b").paths == ["/other?a=b"])
        guard case .connect(let target) = test.refuse(308, location: "https://elsewhere:8443/x?y").last else {
            return #expect(Bool(false))
        }
        #expect(target == Target(isSecure: true, host: "elsewhere", port: 8443, path: "/x?y"))
        #expect(target.following("http://elsewhere/") == nil)
        #expect(target.following("//elsewhere/") == nil)
        #expect(target.following("/a\r\nb") == nil)
        #expect(test.refuse(307, location: "/third").paths == ["/third"])
        #expect(test.refuse(307, location: "/fourth").paths == [])
        #expect(test.end == .noRelay)
    }

    @Test("a newcomer with a pin believes only the answer that its code gets without it")
    func stalePin() throws {
        var test = try MachineUnderTest { $0.instance = "gone" }
        _ = test.begin()
        #expect(test.deny("room_not_found").paths == ["/K4qZ9x"])
        _ = test.deny("room_not_found")
        #expect(test.end == .roomNotFound)
    }

    @Test("whoever was in the room before asks twice, before it believes that the room is gone")
    func known() throws {
        var test = try MachineUnderTest(isKnown: true)
        _ = test.begin()
        _ = test.deny("room_not_found")
        #expect(test.wait == .milliseconds(2_200))
        #expect(test.wake().paths == ["/K4qZ9x"])
        _ = test.deny("room_not_found")
        #expect(test.end == .roomNotFound)
    }

    @Test("a ticket that the relay does not take is the end: who has a seat would have got it")
    func lostTicket() throws {
        for isKnown in [false, true] {
            var test = try MachineUnderTest(ticket: "t", isKnown: isKnown)
            _ = test.begin()
            #expect(
                test.opened().texts == [#"{"type":"join","v":3,"clientId":"secret","room":"K4qZ9x","ticket":"t"}"#])
            _ = test.lose()
            _ = test.deny("ticket_invalid")
            #expect(test.end == .ticketInvalid)
        }
    }

    @Test("before it is let in, a client is no member: whatever else comes is nothing")
    func early() throws {
        var test = try MachineUnderTest()
        _ = test.begin()
        #expect(test.hear(MachineUnderTest.joined()) == [])
        _ = test.opened()
        #expect(test.hear(#"{"type":"message","from":0,"data":1}"#) == [])
        #expect(test.hear("no JSON") == [])
        #expect(test.hear(MachineUnderTest.joined()).first == .enter)
    }
}
