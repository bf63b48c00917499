import Testing

@testable import PartySocketsClient

@Suite("Messages while a member is away")
struct OutboxTests {
    @Test("are sent on return, in their order")
    func kept() throws {
        var test = try MachineUnderTest.member()
        _ = test.lose()
        for number in 0..<3 { #expect(test.machine.send(Self.message(number), at: test.now) == []) }
        _ = test.opened()
        let texts = test.hear(MachineUnderTest.joined()).texts
        #expect(Array(texts.suffix(3)) == (0..<3).map { #"{"type":"send","data":\#($0)}"# })
    }

    @Test("are dropped where the game wants that, and nothing is said")
    func dropped() throws {
        var test = try MachineUnderTest.member { $0.whileAway = .drop }
        _ = test.lose()
        #expect(test.machine.send(Self.message(1), at: test.now) == [])
        _ = test.opened()
        #expect(!test.hear(MachineUnderTest.joined()).texts.contains { $0.contains("send") })
    }

    @Test("are kept whatever the game wants if they are a host's orders")
    func orders() throws {
        var test = try MachineUnderTest.member { $0.whileAway = .drop }
        _ = test.lose()
        #expect(test.machine.send(.kick(1, ban: true), isOrder: true, at: test.now) == [])
        _ = test.opened()
        #expect(test.hear(MachineUnderTest.joined()).texts.contains { $0.contains("kick") })
    }

    @Test("are dropped after ten seconds, which is said once")
    func old() throws {
        var test = try MachineUnderTest.member()
        _ = test.lose(4008)
        _ = test.machine.send(Self.message(1), at: test.now)
        test.pass(.seconds(6))
        _ = test.machine.send(Self.message(2), at: test.now)
        test.pass(.seconds(6))
        _ = test.machine.tick(at: test.now)
        _ = test.opened()
        let actions = test.hear(MachineUnderTest.joined())
        #expect(actions.texts.filter { $0.contains("send") } == [#"{"type":"send","data":2}"#])
        #expect(actions.events.contains { if case .error(let error) = $0 { error.code == .notSent } else { false } })
    }

    @Test("beyond 64 KiB push out the oldest, which is said once in each absence")
    func large() throws {
        var test = try MachineUnderTest.member()
        _ = test.lose()
        let message = ClientMessage.send(RawJSON(text: "\"\(String(repeating: "a", count: 20_000))\""), to: .others)
        var events: [RoomEvent] = []
        for _ in 0..<6 { events += test.machine.send(message, at: test.now).events }
        #expect(events.count == 1)
        _ = test.opened()
        #expect(test.hear(MachineUnderTest.joined()).texts.filter { $0.contains("aaa") }.count == 3)
        _ = test.lose()
        for _ in 0..<6 { events += test.machine.send(message, at: test.now).events }
        #expect(events.count { if case .error = $0 { true } else { false } } == 2)
    }

    @Test("are kept in the same way for a connection that takes no more for now")
    func slow() throws {
        var test = try MachineUnderTest.member()
        _ = test.machine.writability(false, at: test.now)
        #expect(test.machine.send(Self.message(1), at: test.now) == [])
        #expect(test.machine.set(RawJSON(text: "2"), at: test.now) == [])
        #expect(try #require(test.machine.wake) > test.now, "there is nothing to do before")
        let texts = test.machine.writability(true, at: test.now).texts
        #expect(texts == [#"{"type":"send","data":1}"#, #"{"type":"set_state","data":2}"#])
    }

    private static func message(_ number: Int) -> ClientMessage {
        .send(RawJSON(text: "\(number)"), to: .others)
    }
}
