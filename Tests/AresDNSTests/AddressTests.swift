import NIOCore
import Testing

@testable import AresDNS

@Suite("Addresses of a name")
struct AddressTests {
    static func addresses(of name: String = "x.internal", from server: SocketAddress, port: Int = 80) async throws
        -> [String]
    {
        try await AresResolver.using(server, timeout: .seconds(30)) { resolver in
            try await resolver.addresses(of: name, port: port, deadline: .now() + .hours(1)).map {
                "\($0.ipAddress ?? "") \($0.port ?? -1)"
            }
        }
    }

    @Test("both families are asked for, and IPv6 comes first")
    func both() async throws {
        let server = try await ScriptedNameServer { question in
            [.message(question.answer(question.type == 1 ? [.ipv4(127, 0, 0, 9)] : [.ipv6(1), .ipv6(2)]))]
        }
        #expect(try await Self.addresses(from: server.address) == ["fd00::1 80", "fd00::2 80", "127.0.0.9 80"])
        await #expect(server.questions.map(\.type).sorted() == [1, 28])
        await server.stop()
    }

    /// A reaction to the question for one family.
    struct Conduct: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: AresError.Code
        let reply: @Sendable (AskedQuestion) -> [ScriptedReply]
    }

    static let conducts = [
        Conduct(testDescription: "no record", code: .noData) { [.message($0.answer())] },
        Conduct(testDescription: "only an alias", code: .noData) {
            [.message($0.answer([.alias(for: "y.internal")]))]
        },
        Conduct(testDescription: "NXDOMAIN", code: .noSuchName) { [.message($0.answer(code: 3))] },
        Conduct(testDescription: "SERVFAIL", code: .serverFailure) { [.message($0.answer(code: 2))] },
        Conduct(testDescription: "NOTIMP", code: .serverFailure) { [.message($0.answer(code: 4))] },
        Conduct(testDescription: "REFUSED", code: .refused) { [.message($0.answer(code: 5))] },
        Conduct(testDescription: "a record cut short", code: .malformed) {
            [.message(Array($0.answer([.ipv4(127, 0, 0, 9), .ipv6(1)]).dropLast()))]
        },
        Conduct(testDescription: "silence", code: .timeout) { _ in [] },
    ]

    @Test(
        "the addresses of one family count, whatever the answer for the other", arguments: conducts,
        [1, 28] as [UInt16])
    func oneFamily(conduct: Conduct, family: UInt16) async throws {
        let server = try await ScriptedNameServer { question in
            guard question.type == family else { return conduct.reply(question) }
            return [.message(question.answer([question.type == 1 ? .ipv4(127, 0, 0, 9) : .ipv6(1)]))]
        }
        #expect(try await Self.addresses(from: server.address) == [family == 1 ? "127.0.0.9 80" : "fd00::1 80"])
        await server.stop()
    }

    @Test("a name without addresses of either family has failed, and the error says why", arguments: conducts)
    func neitherFamily(conduct: Conduct) async throws {
        let server = try await ScriptedNameServer { conduct.reply($0) }
        // Short where it is to run out; long where a busy machine must not be taken for a silent server.
        let timeout: TimeAmount = conduct.code == .timeout ? .milliseconds(500) : .seconds(30)
        try await AresResolver.using(server.address, timeout: timeout) { resolver in
            let error = await #expect(throws: AresError.self) {
                try await resolver.addresses(of: "x.internal", port: 80, deadline: .now() + .hours(1))
            }
            #expect(error?.code == conduct.code)
        }
        await server.stop()
    }

    @Test("addresses behind an alias are found")
    func alias() async throws {
        let server = try await ScriptedNameServer { question in
            let alias = DNSRecord.alias(for: "y.internal")
            return [
                .message(
                    question.answer(question.type == 1 ? [alias, .ipv4(127, 0, 0, 9, of: "y.internal")] : [alias]))
            ]
        }
        #expect(try await Self.addresses(from: server.address, port: 0) == ["127.0.0.9 0"])
        await server.stop()
    }

    @Test("a caller with a deadline is told in time, and a cancelled one at once")
    func givesUp() async throws {
        let server = try await ScriptedNameServer { _ in [.hold] }
        try await AresResolver.using(server.address, timeout: .seconds(60)) { resolver in
            let error = await #expect(throws: AresError.self) {
                try await resolver.addresses(of: "x.internal", port: 80, deadline: .now() + .milliseconds(50))
            }
            #expect(error?.code == .timeout)
            let caller = Task {
                try await resolver.addresses(of: "y.internal", port: 80, deadline: .now() + .hours(1))
            }
            _ = await server.asked.first { $0.name.hasPrefix("y") }
            caller.cancel()
            await #expect(throws: CancellationError.self) { try await caller.value }
        }
        await server.stop()
    }

    @Test(
        "a server that is silent about one family of hundreds of names answers the other for all",
        .timeLimit(.minutes(1)))
    func silentFamily() async throws {
        let server = try await ScriptedNameServer { question in
            question.type == 1 ? [.message(question.answer([.ipv4(127, 0, 0, 9)]))] : []
        }
        try await AresResolver.using(server.address, timeout: .minutes(2)) { resolver in
            for _ in 0..<3 {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 0..<300 {
                        group.addTask {
                            let name = "x\(number).internal"
                            return try await resolver.addresses(of: name, port: 0, deadline: .distantFuture).count
                        }
                    }
                    for try await count in group { #expect(count == 1) }
                }
            }
        }
        await server.stop()
    }
}
