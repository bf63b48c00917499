import NIOCore
import Testing

@testable import AresDNS

@Suite("Answers larger than a plain datagram")
struct ExtensionTests {
    /// An answer of about 1,100 bytes.
    static let long = (0..<5).map { DNSRecord.text("\($0) " + String(repeating: "x", count: 200)) }

    @Test("an answer of up to 1,232 bytes comes in one datagram")
    func oneDatagram() async throws {
        let server = try await ScriptedNameServer { [.message($0.answer(Self.long))] }
        try await AresResolver.using(server.address) { resolver in
            let records = try await resolver.text("x.internal")
            #expect(records.count == 5)
        }
        let questions = await server.questions
        #expect(questions.map(\.datagramSize) == [1_232])
        #expect(questions.map(\.isStream) == [false])
        await server.stop()
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Short only where it has to pass.
        var timeout = TimeAmount.seconds(30)
        let reply: @Sendable (AskedQuestion) -> [ScriptedReply]
    }

    static let refusals = [
        Refusal(testDescription: "FORMERR") { [.message($0.answer(code: 1))] },
        Refusal(testDescription: "FORMERR without the question", timeout: .seconds(1)) {
            [.message($0.answer(code: 1, repeatsQuestion: false))]
        },
        Refusal(testDescription: "SERVFAIL") { [.message($0.answer(code: 2))] },
        Refusal(testDescription: "NOTIMP") { [.message($0.answer(code: 4))] },
        Refusal(testDescription: "REFUSED") { [.message($0.answer(code: 5))] },
        Refusal(testDescription: "silence", timeout: .seconds(1)) { _ in [] },
    ]

    @Test("servers that reject EDNS are asked without it, for one name or many at once", arguments: refusals, [1, 30])
    func refusedExtension(refusal: Refusal, count: Int) async throws {
        let server = try await ScriptedNameServer { question in
            if question.datagramSize != nil { return refusal.reply(question) }
            guard question.isStream else { return [.message(question.answer(isTruncated: true))] }
            return [.message(question.answer(Self.long))]
        }
        try await AresResolver.using(server.address, timeout: refusal.timeout, tries: 5) { resolver in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<count { group.addTask { try await resolver.text("x\(number).internal").count } }
                for try await records in group { #expect(records == 5) }
            }
            // It is remembered: the next question is plain at once.
            let before = await server.questions.count
            _ = try await resolver.text("y.internal")
            let extended = await server.questions.dropFirst(before).filter { $0.datagramSize != nil }
            #expect(extended.isEmpty)
        }
        await server.stop()
    }
}
