import NIOCore
import NIOPosix
import Testing

@testable import AresDNS

@Suite("Callers, their deadlines and their ends")
struct CallerTests {
    /// Names that begin with `open` are answered, the others are not.
    static func halfSilentServer() async throws -> ScriptedNameServer {
        try await ScriptedNameServer { $0.name.hasPrefix("open") ? [.message($0.answer([.text("x")]))] : [] }
    }

    @Test("callers that ask the same share one query, whatever the letters' case")
    func sharing() async throws {
        let server = try await Self.halfSilentServer()
        try await AresResolver.using(server.address, timeout: .seconds(60)) { resolver in
            let callers = (0..<100).map { number in
                Task { await resolver.failure(number % 2 == 0 ? "Shut.internal" : "shut.Internal.") }
            }
            _ = await server.asked.first { _ in true }
            // Whoever asks later gets behind those who have asked before, so they have all asked when this is answered.
            for _ in callers { _ = try await resolver.text("open.internal") }
            callers.forEach { $0.cancel() }
            for caller in callers { await #expect(caller.value == nil) }
        }
        let names = await server.questions.map(\.name)
        #expect(names.filter { $0 == "shut.internal" }.count == 1)
        await server.stop()
    }

    @Test("TXT and addresses of the same name are asked for apart")
    func types() async throws {
        let server = try await ScriptedNameServer { question in
            [.message(question.answer(question.type == 16 ? [.text("x")] : [.ipv6(1)]))]
        }
        try await AresResolver.using(server.address) { resolver in
            async let text = resolver.text("x.internal")
            async let addresses = resolver.addresses(of: "x.internal", port: 1, deadline: .distantFuture)
            let found = try await (text, addresses)
            #expect(found.0 == ["x"])
            #expect(found.1 == [try SocketAddress(ipAddress: "fd00::1", port: 1)])
        }
        await #expect(Set(server.questions.map(\.type)) == [16, 28])
        await server.stop()
    }

    @Test("a cancelled caller leaves at once, and the query goes on for the others")
    func cancellation() async throws {
        let server = try await Self.halfSilentServer()
        try await AresResolver.using(server.address, timeout: .seconds(1)) { resolver in
            let stays = Task { await resolver.failure("shut.internal") }
            let leaves = Task { try await resolver.text("shut.internal") }
            _ = await server.asked.first { _ in true }
            leaves.cancel()
            await #expect(throws: CancellationError.self) { try await leaves.value }
            await #expect(stays.value == .timeout)
        }
        await server.stop()
    }

    @Test("a caller that is cancelled before it asks gets no answer")
    func cancelledBefore() async throws {
        let server = try await Self.halfSilentServer()
        try await AresResolver.using(server.address, timeout: .seconds(60)) { resolver in
            let task = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await resolver.text("shut.internal")
            }
            await #expect(throws: CancellationError.self) { try await task.value }
        }
        await server.stop()
    }

    @Test("a deadline ends the wait of its caller alone", arguments: [NIODeadline.uptimeNanoseconds(1), .now()])
    func deadline(deadline: NIODeadline) async throws {
        let server = try await Self.halfSilentServer()
        try await AresResolver.using(server.address, timeout: .seconds(60)) { resolver in
            let stays = Task { try await resolver.text("shut.internal") }
            _ = await server.asked.first { _ in true }
            await #expect(resolver.failure("shut.internal", deadline: deadline) == .timeout)
            stays.cancel()
            await #expect(throws: CancellationError.self) { try await stays.value }
        }
        await #expect(server.questions.count == 1)
        await server.stop()
    }

    @Test("who asks for what others have given up on gets the answer of their query")
    func abandonedQuery() async throws {
        // The answer comes with the second try.
        let server = try await ScriptedNameServer { $0.datagramSize != nil ? [] : [.message($0.answer([.text("x")]))] }
        try await AresResolver.using(server.address, timeout: .seconds(1)) { resolver in
            let first = Task { try await resolver.text("x.internal") }
            _ = await server.asked.first { _ in true }
            first.cancel()
            await #expect(throws: CancellationError.self) { try await first.value }
            let records = try await resolver.text("x.internal")
            #expect(records == ["x"])
        }
        await #expect(server.questions.map(\.datagramSize) == [1_232, nil])
        await server.stop()
    }

    @Test("beyond 64 questions in flight the others wait, and take their turn when there is room")
    func queue() async throws {
        let server = try await Self.halfSilentServer()
        try await AresResolver.using(server.address, timeout: .seconds(1)) { resolver in
            let silent = (0..<64).map { number in Task { await resolver.failure("shut\(number).internal") } }
            var asked = Set<String>()
            for await question in server.asked {
                asked.insert(question.name)
                if asked.count == 64 { break }
            }
            let waiting = Task { try await resolver.text("open.internal") }
            let leaves = Task { try await resolver.text("open-but-left.internal") }
            leaves.cancel()
            await #expect(throws: CancellationError.self) { try await leaves.value }
            for task in silent { await #expect(task.value == .timeout) }
            let records = try await waiting.value
            #expect(records == ["x"])
        }
        let names = await server.questions.map(\.name)
        #expect(Set(names[..<64]).count == 64)
        #expect(names.contains("open.internal"))
        #expect(!names.contains("open-but-left.internal"), "who left the queue is not asked for")
        await server.stop()
    }

    @Test("a queue that is full refuses more")
    func fullQueue() async throws {
        let server = try await Self.halfSilentServer()
        let count = Upstream.capacity + QueryTable.maximumWaiting + 50
        try await AresResolver.using(server.address, timeout: .seconds(60)) { resolver in
            await withTaskGroup(of: AresError.Code?.self) { group in
                for number in 0..<count { group.addTask { await resolver.failure("shut\(number).internal") } }
                for _ in 0..<50 { #expect(await group.next() == .overloaded) }
                group.cancelAll()
                for await code in group { #expect(code == nil) }
            }
        }
        await server.stop()
    }
}
