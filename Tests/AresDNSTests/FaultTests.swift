import NIOCore
import Testing

@testable import AresDNS

@Suite("Servers that misbehave")
struct FaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let code: AresError.Code
        let reply: @Sendable (AskedQuestion) -> [ScriptedReply]
        /// Short only where it has to pass.
        var timeout: TimeAmount { code == .timeout ? .seconds(1) : .seconds(30) }

        init(
            _ description: String, _ code: AresError.Code,
            _ reply: @escaping @Sendable (AskedQuestion) -> [ScriptedReply]
        ) {
            testDescription = description
            self.code = code
            self.reply = reply
        }
    }

    static let datagramFaults = [
        Fault("FORMERR", .serverFailure) { [.message($0.answer(code: 1))] },
        Fault("SERVFAIL", .serverFailure) { [.message($0.answer(code: 2))] },
        Fault("NOTIMP", .serverFailure) { [.message($0.answer(code: 4))] },
        Fault("REFUSED", .refused) { [.message($0.answer(code: 5))] },
        Fault("an unknown code", .serverFailure) { [.message($0.answer(code: 11))] },
        Fault("nothing", .timeout) { _ in [] },
        Fault("garbage", .timeout) { _ in [.raw(Array(repeating: 0xff, count: 100))] },
        Fault("an empty datagram", .timeout) { _ in [.raw([])] },
        Fault("half a header", .timeout) { [.raw(Array($0.answer().prefix(6)))] },
        Fault("the question itself", .timeout) { [.raw($0.bytes)] },
        Fault("a wrong id", .timeout) { [.message($0.answer([.text("x")], id: $0.id &+ 1))] },
        Fault("an answer for another name", .timeout) { [.message($0.answer([.text("x")], name: "y.internal"))] },
        Fault("an answer without a question", .timeout) { [.message($0.answer([.text("x")], repeatsQuestion: false))] },
        Fault("a record cut short", .malformed) { [.message(Array($0.answer([.text("x")]).dropLast()))] },
        Fault("a string longer than its record", .malformed) {
            [.message($0.answer([DNSRecord(type: 16, data: [200, 65])]))]
        },
        Fault("a name that points at itself", .malformed) {
            let header = $0.answer()
            let pointer: [UInt8] = [0xc0, UInt8(header.count), 0, 16, 0, 1, 0, 0, 0, 0, 0, 1, 0]
            return [.message(Array(header[..<6]) + [0, 1] + Array(header[8...]) + pointer)]
        },
    ]

    @Test("a server that always misbehaves fails the question", arguments: datagramFaults)
    func datagrams(fault: Fault) async throws {
        let server = try await ScriptedNameServer(script: fault.reply)
        try await AresResolver.using(server.address, timeout: fault.timeout) { resolver in
            await #expect(resolver.failure("x.internal") == fault.code)
        }
        // Another try, which may come late.
        await server.hears(2)
        await server.stop()
    }

    @Test(
        "the right answer counts, whatever came before it",
        arguments: datagramFaults.filter { $0.code == .timeout })
    func noise(fault: Fault) async throws {
        let server = try await ScriptedNameServer { fault.reply($0) + [.message($0.answer([.text("good")]))] }
        try await AresResolver.using(server.address) { resolver in
            let records = try await resolver.text("x.internal")
            #expect(records == ["good"])
        }
        await server.stop()
    }

    static let streamFaults = [
        Fault("silence", .timeout) { _ in [] },
        Fault("half a length", .timeout) { _ in [.raw([0])] },
        Fault("half a length, then the end", .unreachable) { _ in [.raw([0]), .close] },
        Fault("half a message", .timeout) { [.raw([0, 200] + $0.answer())] },
        Fault("half a message, then the end", .unreachable) { [.raw([0, 200] + $0.answer()), .close] },
        Fault("the end", .unreachable) { _ in [.close] },
        Fault("a reset", .unreachable) { _ in [.reset] },
        Fault("a length of 0", .unreachable) { _ in [.raw([0, 0])] },
        Fault("a short message", .unreachable) { _ in [.message([1, 2, 3])] },
        Fault("half a header", .unreachable) { [.message(Array($0.answer().prefix(6)))] },
        Fault("the question itself", .unreachable) { [.message($0.bytes)] },
        Fault("a wrong id", .timeout) { [.message($0.answer([.text("x")], id: $0.id &+ 1))] },
        Fault("an answer for another name", .timeout) { [.message($0.answer([.text("x")], name: "y.internal"))] },
        Fault("SERVFAIL", .serverFailure) { [.message($0.answer(code: 2))] },
        Fault("a record cut short", .malformed) { [.message(Array($0.answer([.text("x")]).dropLast()))] },
    ]

    @Test("a TCP failure after a truncated answer fails the question", arguments: streamFaults)
    func streams(fault: Fault) async throws {
        let server = try await ScriptedNameServer {
            $0.isStream ? fault.reply($0) : [.message($0.answer(isTruncated: true))]
        }
        try await AresResolver.using(server.address, timeout: fault.timeout) { resolver in
            await #expect(resolver.failure("x.internal") == fault.code)
        }
        await server.stop()
    }

    @Test("refused TCP after a truncated answer fails the question")
    func refusedStream() async throws {
        let server = try await ScriptedNameServer(listensOnStream: false) { [.message($0.answer(isTruncated: true))] }
        try await AresResolver.using(server.address) { resolver in
            await #expect(resolver.failure("x.internal") == .unreachable)
        }
        await server.stop()
    }

    @Test("a port where nobody listens fails at once")
    func refusedDatagrams() async throws {
        let server = try await ScriptedNameServer(answering: .text("x"))
        await server.stop()
        // The kernel limits how many refusals it sends in a second, all tests together, so one may be lost.
        try await AresResolver.using(server.address, tries: 4) { resolver in
            await #expect(resolver.failure("x.internal") == .unreachable)
        }
    }

    @Test("a truncated answer is asked for over TCP, in whatever pieces it comes", arguments: [1, 2, 3, 100])
    func pieces(size: Int) async throws {
        let strings = (0..<40).map { DNSRecord.text("\($0) " + String(repeating: "x", count: 200)) }
        let server = try await ScriptedNameServer { question in
            guard question.isStream else { return [.message(question.answer(isTruncated: true))] }
            let answer = question.answer(strings)
            let bytes = [UInt8(answer.count >> 8), UInt8(answer.count & 255)] + answer
            // The first bytes one by one, the rest in larger pieces.
            let head = stride(from: 0, to: 30, by: size).map { Array(bytes[$0..<min($0 + size, 30)]) }
            return (head + [Array(bytes[30...])]).map { .raw($0) }
        }
        try await AresResolver.using(server.address) { resolver in
            let records = try await resolver.text("x.internal")
            #expect(records.count == 40)
            #expect(records.last?.hasPrefix("39 ") == true)
        }
        await server.stop()
    }

    @Test("a silent connection delays only its own questions", .timeLimit(.minutes(2)))
    func stuckConnection() async throws {
        let server = try await ScriptedNameServer { question in
            if question.name.hasPrefix("silent") { return [] }
            if question.name.hasPrefix("short") { return [.message(question.answer([.text("x")]))] }
            guard question.isStream else { return [.message(question.answer(isTruncated: true))] }
            return question.name.hasPrefix("stuck") ? [.freeze] : [.message(question.answer([.text("good")]))]
        }
        try await AresResolver.using(server.address, timeout: .seconds(4), tries: 1) { resolver in
            async let stuck = resolver.failure("stuck.internal")
            _ = await server.asked.first { $0.isStream }
            // A question that is open for longer, by as much as these take: for c-ares the connection is in use.
            for number in 0..<50 { _ = try await resolver.text("short\(number).internal") }
            async let silent = resolver.failure("silent.internal")
            await #expect(stuck == .timeout)
            let records = try await resolver.text("x.internal")
            #expect(records == ["good"])
            await #expect(silent == .timeout)
        }
        await server.stop()
    }
}
