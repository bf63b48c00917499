import RelayEngine
import Testing

@Suite("Errors over the wire", .blocking)
struct ErrorMessageTests {
    @Test(
        "a wrong message is answered with its error, and the connection stays open",
        arguments: WrongMessage.notJSON + WrongMessage.unknown)
    func unreadable(wrong: WrongMessage) async throws { try await check(wrong) }

    @Test(
        "a create with several faults is answered by the first check that fails",
        arguments: WrongMessage.creates + WrongMessage.urls)
    func create(wrong: WrongMessage) async throws { try await check(wrong) }

    @Test("a join with several faults is answered by the first check that fails", arguments: WrongMessage.joins)
    func join(wrong: WrongMessage) async throws { try await check(wrong) }

    @Test(
        "a member's message with several faults is answered by the first check that fails",
        arguments: WrongMessage.members)
    func member(wrong: WrongMessage) async throws { try await check(wrong) }

    private func check(_ wrong: WrongMessage) async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 2)
            let sender =
                switch wrong.sender {
                case .stranger: try relay.connect()
                case .host: room.host
                case .guest: room.members[1]
                }
            sender.sits(at: wrong.sender == .guest ? 1 : 0)
            sender.send(wrong.message)
            try sender.expect(#"{"type":"error","message":"\#(wrong.error)"}"#)
            if wrong.sender == .stranger { try sender.create() }
            try sender.expectNothing()
            for member in room.members.enumerated() {
                member.element.sits(at: member.offset)
                try member.element.expectNothing()
            }
        }
    }

    @Test("a draining relay refuses a create before it looks at anything else")
    func draining() async throws {
        try await withRelay { relay in
            let room = try relay.room(members: 1)
            relay.engine.beginDrain()
            room.host.send(#"{"type":"create"}"#)
            try room.host.expect(#"{"type":"error","message":"Server draining"}"#)
        }
    }
}
