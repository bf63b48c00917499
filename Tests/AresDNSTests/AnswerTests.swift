import NIOCore
import Testing

@testable import AresDNS

@Suite("Answers")
struct AnswerTests {
    static let deadline = NIODeadline.now() + .hours(1)

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

    @Test("IPv6 addresses are used, and IPv4 is not even asked for")
    func ipv6() async throws {
        let server = try await ScriptedNameServer(answering: .ipv6(1), .ipv6(2))
        try await AresResolver.using(server.address) { resolver in
            let found = try await resolver.addresses(of: "x.internal", port: 80, deadline: Self.deadline)
            #expect(
                found == [
                    try SocketAddress(ipAddress: "fd00::1", port: 80),
                    try SocketAddress(ipAddress: "fd00::2", port: 80),
                ])
        }
        await #expect(server.questions.map(\.type) == [28])
        await server.stop()
    }

    @Test(
        "IPv4 addresses are used if there is no IPv6 one: no record, or only an alias", arguments: [false, true])
    func ipv4(hasAlias: Bool) async throws {
        let server = try await ScriptedNameServer { question in
            let alias = hasAlias ? [DNSRecord.alias(for: "y.internal")] : []
            let address = DNSRecord.ipv4(127, 0, 0, 9, of: hasAlias ? "y.internal" : nil)
            return [.message(question.answer(question.type == 1 ? alias + [address] : alias))]
        }
        try await AresResolver.using(server.address) { resolver in
            let found = try await resolver.addresses(of: "x.internal", port: 0, deadline: Self.deadline)
            #expect(found == [try SocketAddress(ipAddress: "127.0.0.9", port: 0)])
        }
        await #expect(server.questions.map(\.type) == [28, 1])
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
