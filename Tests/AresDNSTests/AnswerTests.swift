import Testing

@testable import AresDNS

@Suite("Answers")
struct AnswerTests {
    @Test("character strings of a record are joined, records are kept apart")
    func text() async throws {
        let server = try await ScriptedNameServer(
            answering: .text("a", "", "b"), .text(""), .text("c"), .ipv4(1, 2, 3, 4))
        try await AresResolver.using(server.address) { resolver in
            let records = try await resolver.text("x.internal")
            #expect(records == ["ab", "", "c"])
        }
        await #expect(server.questions.map(\.name) == ["x.internal"])
        await server.stop()
    }

    @Test("names are absolute: nothing is appended to a single label")
    func absoluteNames() async throws {
        let server = try await ScriptedNameServer { [.message($0.answer(code: 3))] }
        try await AresResolver.using(server.address) { resolver in
            await #expect(resolver.failure("localhost") == .noSuchName)
        }
        await #expect(server.questions.map(\.name) == ["localhost"])
        await server.stop()
    }

    @Test("a name without such records and a missing name are distinguished", arguments: [0, 3])
    func nothing(code: UInt16) async throws {
        let server = try await ScriptedNameServer { [.message($0.answer(code: code))] }
        try await AresResolver.using(server.address) { resolver in
            await #expect(resolver.failure("x.internal") == (code == 0 ? .noData : .noSuchName))
        }
        await #expect(server.questions.count == 1)
        await server.stop()
    }
}
