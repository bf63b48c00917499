import NIOCore
import Testing

@testable import AresDNS

@Suite("The choice of servers")
struct NameServersTests {
    static let files: [(String, [String])] = [
        ("", []),
        ("nameserver 127.0.0.1\n", ["[IPv4]127.0.0.1:53"]),
        ("nameserver 127.0.0.1", ["[IPv4]127.0.0.1:53"]),
        (
            "search x\nnameserver\t fd00::3 \r\noptions ndots:5\nnameserver 10.0.0.1",
            ["[IPv6]fd00::3:53", "[IPv4]10.0.0.1:53"]
        ),
        ("nameserver [127.0.0.1]:5353\nnameserver [fd00::1]\n", ["[IPv4]127.0.0.1:5353", "[IPv6]fd00::1:53"]),
        ("#nameserver 127.0.0.1\n; nameserver 127.0.0.1\nnameservers 127.0.0.1\n", []),
        (
            "nameserver\nnameserver \nnameserver localhost\nnameserver 1.2.3.4.5\nnameserver 127.0.0.2",
            ["[IPv4]127.0.0.2:53"]
        ),
        ("nameserver [127.0.0.1]:0\nnameserver [127.0.0.1]:70000\nnameserver [127.0.0.1]x\nnameserver [127.0.0.1", []),
        ("\0\u{ff}nameserver\n\n\n", []),
    ]

    @Test("the valid nameserver lines of resolv.conf count", arguments: files)
    func parsing(text: String, servers: [String]) {
        #expect(ResolvConf.servers(in: Array(text.utf8)).map(\.description) == servers)
    }

    @Test(
        "invalid settings are refused",
        arguments: [
            { $0.servers = [] }, { $0.timeout = .zero }, { $0.timeout = .hours(2) }, { $0.tries = 0 },
            { $0.tries = 11 }, { $0.resolutionDelay = .nanoseconds(-1) }, { $0.resolutionDelay = .seconds(2) },
            { $0.servers = [try SocketAddress(unixDomainSocketPath: "/tmp/x")] },
            { $0.servers = [try SocketAddress(ipAddress: "127.0.0.1", port: 0)] },
        ] as [@Sendable (inout AresResolver.Configuration) throws -> Void])
    func invalidConfiguration(change: @Sendable (inout AresResolver.Configuration) throws -> Void) async throws {
        var configuration = AresResolver.Configuration()
        try change(&configuration)
        let error = #expect(throws: AresError.self) { try configuration.validate() }
        #expect(error?.code == .invalidConfiguration)
    }

    @Test("after a silent or failing server the next one is asked", arguments: [nil, 2, 5] as [UInt16?])
    func secondServer(code: UInt16?) async throws {
        let bad = try await ScriptedNameServer { question in code.map { [.message(question.answer(code: $0))] } ?? [] }
        let good = try await ScriptedNameServer(answering: .text("good"))
        let timeout = TimeAmount.seconds(code == nil ? 1 : 30)
        try await AresResolver.using(bad.address, good.address, timeout: timeout, tries: 4) { resolver in
            let records = try await resolver.text("x.internal")
            #expect(records == ["good"])
        }
        // It has been asked.
        await bad.hears(1)
        await bad.stop()
        await good.stop()
    }

    @Test("after an unreachable server the next one is asked")
    func absentServer() async throws {
        let absent = try await ScriptedNameServer(answering: .text("x"))
        await absent.stop()
        let good = try await ScriptedNameServer(answering: .text("good"))
        try await AresResolver.using(absent.address, good.address) { resolver in
            let records = try await resolver.text("x.internal")
            #expect(records == ["good"])
        }
        await good.stop()
    }

    @Test("a server that answered where another was silent is asked first from then on")
    func betterServerFirst() async throws {
        let dead = try await ScriptedNameServer { _ in [] }
        let good = try await ScriptedNameServer(answering: .text("good"))
        try await AresResolver.using(dead.address, good.address, timeout: .seconds(1), tries: 4) { resolver in
            for number in 0..<5 { _ = try await resolver.text("x\(number).internal") }
        }
        // Once at least, and not for each name.
        await dead.hears(1)
        await #expect(Set(dead.questions.map(\.name)).count < 5)
        await dead.stop()
        await good.stop()
    }

    @Test("a changed resolv.conf is noticed, and a missing or empty one changes nothing")
    func changedFile() async throws {
        let old = try await ScriptedNameServer(answering: .text("old"))
        let new = try await ScriptedNameServer(answering: .text("new"))
        let file = try TemporaryFile(Self.line(for: old))
        try await AresResolver.using(resolvConf: file.path) { resolver in
            let records = try await resolver.text("x.internal")
            #expect(records == ["old"])
            try file.write(Self.line(for: new))
            // It is looked at once a second.
            var last = ["old"]
            let deadline = NIODeadline.now() + .seconds(60)
            while last == ["old"], NIODeadline.now() < deadline { last = try await resolver.text("x.internal") }
            #expect(last == ["new"])
        }
        await old.stop()
        await new.stop()
    }

    @Test("a file that is unreadable or names no server leaves the servers unchanged")
    func brokenFile() throws {
        let file = try TemporaryFile("nameserver 127.0.0.1\n")
        var configuration = AresResolver.Configuration()
        configuration.resolvConfPath = file.path
        var servers = NameServers(configuration: configuration)
        let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
        let looks: [(change: () throws -> Void, isNews: Bool, count: Int)] = [
            ({}, true, 1),
            ({}, false, 1),
            ({ try file.write("") }, false, 1),
            ({ file.remove() }, false, 1),
            ({ try file.write("nameserver 127.0.0.2\nnameserver 127.0.0.3") }, true, 2),
        ]
        for (second, look) in looks.enumerated() {
            try look.change()
            let isNews = servers.look(now: start + .seconds(Int64(second)))
            #expect(isNews == look.isNews, "look \(second)")
            #expect(servers.addresses.count == look.count, "look \(second)")
        }
        try file.write("nameserver 127.0.0.4")
        let isEarlyNews = servers.look(now: start + .milliseconds(4_999))
        #expect(!isEarlyNews, "it is looked at once a second")
    }

    @Test("without a server the question fails with a clear error", arguments: ["", "search x", nil, "/"])
    func noServers(text: String?) async throws {
        let file = try TemporaryFile(text)
        try await AresResolver.using(resolvConf: text == "/" ? "/" : file.path) { resolver in
            await #expect(resolver.failure("x.internal") == .noServers)
        }
    }

    static func line(for server: ScriptedNameServer) -> String {
        "nameserver [127.0.0.1]:\(server.address.port ?? 0)\n"
    }
}
