import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import AresDNS

@Suite("Shutdown of a resolver")
struct ShutdownTests {
    @Test(
        "questions in flight and in the queue fail, over UDP and TCP, and later ones fail at once",
        arguments: [false, true])
    func shutdown(overStream: Bool) async throws {
        let server = try await ScriptedNameServer { question in
            overStream && !question.isStream ? [.message(question.answer(isTruncated: true))] : []
        }
        try await AresResolver.using(server.address, timeout: .seconds(60)) { resolver in
            let tasks = (0..<100).map { number in Task { await resolver.failure("x\(number).internal") } }
            _ = await server.asked.first { $0.isStream == overStream }
            await resolver.shutdown()
            for task in tasks { await #expect(task.value == .shutDown) }
            await #expect(resolver.failure("y.internal") == .shutDown)
            await resolver.shutdown()
        }
        await server.stop()
    }

    @Test("an unreferenced resolver ends by itself")
    func forgotten() async throws {
        let server = try await ScriptedNameServer(answering: .text("x"))
        var configuration = AresResolver.Configuration()
        configuration.servers = [server.address]
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        weak var forgotten: AresResolver?
        do {
            let resolver = try AresResolver(on: loop, configuration: configuration)
            forgotten = resolver
            let records = try await resolver.text("x.internal")
            #expect(records == ["x"])
        }
        #expect(forgotten == nil)
        // What the end has put on the loop is done before this.
        try await loop.submit {}.get()
        await server.stop()
    }

    @Test("no descriptor is left behind, however questions and resolvers end")
    func descriptors() async {
        // In a process of its own, where nobody else opens any.
        await #expect(processExitsWith: .success) {
            let server = try await ScriptedNameServer { question in
                if question.name.hasPrefix("silent") { return [] }
                guard question.isStream else { return [.message(question.answer(isTruncated: true))] }
                return question.name.hasPrefix("stuck") ? [] : [.message(question.answer([.text("x")]))]
            }
            func useResolver() async throws {
                try await AresResolver.using(server.address, timeout: .seconds(60)) { resolver in
                    let open = ["silent.internal", "stuck.internal"].map { name in
                        Task { await resolver.failure(name) }
                    }
                    let records = try await resolver.text("x.internal")
                    #expect(records == ["x"])
                    await resolver.shutdown()
                    for task in open { _ = await task.value }
                }
            }
            func openDescriptors() throws -> Int {
                guard let folder = unsafe opendir("/proc/self/fd") else { throw ChannelError.inputClosed }
                defer { unsafe closedir(folder) }
                var count = 0
                while unsafe readdir(folder) != nil { count += 1 }
                return count
            }
            try await useResolver()
            await server.closeAccepted()
            let before = try openDescriptors()
            for _ in 0..<100 { try await useResolver() }
            await server.closeAccepted()
            let after = try openDescriptors()
            #expect(after == before)
            exit(after == before ? 0 : 1)
        }
    }
}
