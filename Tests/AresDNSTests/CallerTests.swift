import NIOCore
import NIOPosix
import Testing

@testable import AresDNS

@Suite("Callers, deadlines and cancellation")
struct CallerTests {
    /// Names that begin with `open` are answered, the others are not.
    static func halfSilentServer() async throws -> ScriptedNameServer {
        try await ScriptedNameServer { $0.name.hasPrefix("open") ? [.message($0.answer([.text("x")]))] : [] }
    }

    @Test("callers with the same question share one query, regardless of case")
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

    @Test("TXT and addresses of the same name are separate queries")
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
        await #expect(Set(server.questions.map(\.type)) == [1, 16, 28])
        await server.stop()
    }

    @Test("a cancelled caller leaves at once, and the query goes on for the others")
    func cancellation() async throws {
        let server = try await ScriptedNameServer { _ in [.hold] }
        try await AresResolver.using(server.address, timeout: .seconds(60)) { resolver in
            let stays = Task { try await resolver.text("x.internal") }
            await server.hears(1)
            let leaves = Task { try await resolver.text("x.internal") }
            leaves.cancel()
            await #expect(throws: CancellationError.self) { try await leaves.value }
            try await server.release(.text("x"))
            #expect(try await stays.value == ["x"])
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

    @Test("a deadline ends only its own caller's wait", arguments: [NIODeadline.uptimeNanoseconds(1), .now()])
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

    @Test("a caller with a question that others have given up on gets the answer to their query")
    func abandonedQuery() async throws {
        let server = try await ScriptedNameServer { _ in [.hold] }
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        var configuration = AresResolver.Configuration()
        configuration.servers = [server.address]
        configuration.timeout = .seconds(60)
        let table = NIOLoopBoundBox.makeBoxSendingValue(
            QueryTable(eventLoop: loop, configuration: configuration), eventLoop: loop)
        let question = Question(name: try DNSName("x.internal"), type: .txt)
        let first = Ticket()
        await #expect(throws: CancellationError.self) {
            try await withCheckedThrowingContinuation { continuation in
                loop.execute {
                    table.value.ask(question, deadline: .distantFuture, ticket: first) { continuation.resume(with: $0) }
                    table.value.giveUp(first, on: question)
                }
            }
        }
        await server.hears(1)
        let records = try await withCheckedThrowingContinuation { continuation in
            loop.execute {
                table.value.ask(question, deadline: .distantFuture, ticket: Ticket()) {
                    continuation.resume(with: $0)
                }
                Task { try await server.release(.text("x")) }
            }
        }
        #expect(records == [Array("x".utf8)])
        await #expect(server.questions.count == 1)
        try await loop.flatSubmit { table.value.shutDown() }.get()
        await server.stop()
    }

    @Test("at most 64 questions are in flight, and the others wait for their turn")
    func queue() async throws {
        let server = try await ScriptedNameServer { _ in [.hold] }
        try await AresResolver.using(server.address, timeout: .seconds(60)) { resolver in
            let held = (0..<64).map { number in Task { try await resolver.text("x\(number).internal") } }
            await server.hears(64)
            let leaves = Task { try await resolver.text("left.internal") }
            leaves.cancel()
            await #expect(throws: CancellationError.self) { try await leaves.value }
            let waiting = Task { try await resolver.text("waiting.internal") }
            // As many as there is room for, until something is released.
            await #expect(server.questions.count == 64)
            try await server.release(.text("x"))
            for task in held { #expect(try await task.value == ["x"]) }
            await server.hears(1)
            try await server.release(.text("y"))
            #expect(try await waiting.value == ["y"])
        }
        let names = await server.questions.map(\.name)
        #expect(names.last == "waiting.internal")
        #expect(names.count == 65, "who has left the line is not asked for")
        await server.stop()
    }

    @Test("a full queue refuses further questions")
    func fullLine() async throws {
        let server = try await Self.halfSilentServer()
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        var configuration = AresResolver.Configuration()
        configuration.servers = [server.address]
        configuration.timeout = .seconds(60)
        configuration.maximumWaiting = 10
        let resolver = try AresResolver(on: loop, configuration: configuration)
        await withTaskGroup(of: AresError.Code?.self) { group in
            for number in 0..<(Upstream.capacity + 10 + 5) {
                group.addTask { await resolver.failure("shut\(number).internal") }
            }
            for _ in 0..<5 { #expect(await group.next() == .overloaded) }
            group.cancelAll()
            for await code in group { #expect(code == nil) }
        }
        await resolver.shutdown()
        await server.stop()
    }
}
