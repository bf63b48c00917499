import Glibc
import Logging
import RelayCore
import RelayEngine
import RelayServer
import Testing

@Suite("Shutdown", .blocking)
struct ShutdownTests {
    /// The shutdown of a relay, with signals that the test sends.
    private final class Course {
        private let signals = AsyncStream.makeStream(of: Int32.self)
        private let task: Task<Int32?, Never>

        init(_ relay: RunningRelay, drainSeconds: Int = 0, spreadSeconds: Int = 1, place: ScriptedReadyPeer? = nil) {
            let shutdown = Shutdown(
                of: relay.engine, drainSeconds: drainSeconds, spreadSeconds: spreadSeconds,
                hasReadyPeer: place?.question, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            // Not a child of the test's own task, whose threads may all be blocked.
            task = Task { [signals] in await shutdown.run(signals: signals.stream) }
        }

        deinit {
            task.cancel()
        }

        func signal(_ number: Int32) {
            signals.continuation.yield(number)
        }

        /// The signal that has ended it at once.
        func end() async -> Int32? {
            await task.value
        }
    }

    /// Everything that a client receives up to the end: texts, and then the close frame.
    private static func lastWords(of client: TestClient) throws -> [Heard] {
        client.answersPings = false
        var words: [Heard] = []
        repeat {
            words.append(try client.hearMessage())
        } while words.last?.isText ?? false
        return words
    }

    private static let restart = Heard.close(1012, "service restart")

    @Test(
        "when the drain's time is up, all are closed with a reason, and no member sees others of its room leave",
        arguments: EngineVariant.all(loops: [1, 4]))
    func bound(variant: EngineVariant) async throws {
        try await withRelay(variant) { relay in
            let course = Course(relay, drainSeconds: 1)
            let rooms = try (0..<6).map { _ in try relay.room(members: 3) }
            let strangers = try (0..<6).map { _ in try relay.connect() }
            course.signal(SIGTERM)
            for client in rooms.flatMap(\.members) + strangers {
                #expect(try Self.lastWords(of: client) == [Self.restart])
                client.socket.close()
            }
            #expect(await course.end() == nil)
            #expect(relay.engine.statistics().rooms == 0)
            #expect(relay.engine.statistics().clients == 0)
        }
    }

    @Test(
        "without a bound the drain lasts as long as a room does; connections without one are closed then",
        arguments: [0, 600])
    func empty(drainSeconds: Int) async throws {
        try await withRelay { relay in
            let course = Course(relay, drainSeconds: drainSeconds)
            let room = try relay.room(members: 2)
            let stranger = try relay.connect()
            course.signal(SIGINT)
            try room.host.expectNothing()
            room.host.send(#"{"type":"close_room"}"#)
            for member in room.members { try member.expectClose(4001, "room closed") }
            try stranger.expectClose(1012, "service restart")
            stranger.socket.close()
            #expect(await course.end() == nil)
        }
    }

    @Test(
        "a second signal ends a drain at once", arguments: [(SIGTERM, SIGTERM), (SIGINT, SIGTERM), (SIGTERM, SIGINT)])
    func secondSignal(first: Int32, second: Int32) async throws {
        try await withRelay(loops: 2) { relay in
            let course = Course(relay, drainSeconds: 600)
            let rooms = try (0..<3).map { _ in try relay.room(members: 3) }
            let stranger = try relay.connect()
            course.signal(first)
            course.signal(second)
            for client in rooms.flatMap(\.members) + [stranger] {
                #expect(try Self.lastWords(of: client) == [Self.restart])
            }
            // No client has closed its side.
            #expect(await course.end() == second)
        }
    }

    @Test("a second signal ends it at once also while connections are being closed one after the other")
    func secondSignalLater() async throws {
        try await withRelay { relay in
            let course = Course(relay, drainSeconds: 1, spreadSeconds: 600)
            let rooms = try (0..<3).map { _ in try relay.room(members: 2) }
            course.signal(SIGTERM)
            let clients = rooms.flatMap(\.members)
            await Self.untilOneIsGone(of: clients)
            course.signal(SIGTERM)
            for client in clients { #expect(try Self.lastWords(of: client) == [Self.restart]) }
            #expect(await course.end() == SIGTERM)
        }
    }

    @Test("while connections are being closed no new one is accepted, and the others play on")
    func nothingNew() async throws {
        try await withRelay {
            $0.port = LoopbackNetwork.freePort()
        } _: { relay in
            let hosts = try (0..<2).map { _ in try relay.room(members: 1) }
            let strangers = try (0..<2).map { _ in try relay.connect() }
            let visitors = try (0..<2).map { _ in try relay.dial() }
            for visitor in visitors {
                visitor.sendRequest("/health")
                #expect(try visitor.reply().status == 200)
            }
            relay.engine.beginDrain()
            relay.engine.beginStop(.spread(seconds: 600))
            let gone = await Self.untilOneIsGone(of: hosts.map(\.host) + strangers + visitors)

            #expect(throws: TestSocketError.self) { try relay.dial() }
            for stranger in strangers where stranger !== gone {
                stranger.send(#"{"type":"create","clientId":"h","maxClients":2}"#)
                try stranger.expect(#"{"type":"error","message":"Server draining"}"#)
                for host in hosts {
                    try stranger.join(host.code, clientID: "client-1")
                    try stranger.expect(#"{"type":"error","message":"Server draining"}"#)
                }
            }
            for visitor in visitors where visitor !== gone {
                visitor.sendRequest("/health")
                #expect(try visitor.reply().status == 200)
                visitor.sendRequest("/", headers: TestClient.upgradeFields)
                let reply = try visitor.reply()
                #expect(reply.status == 503)
                #expect(reply["Retry-After"] == "10")
            }
            for room in hosts where room.host !== gone { try room.host.expectNothing() }
        }
    }

    @Test("the other machines are asked whether they take new games when the drain begins, and again while it lasts")
    func asksElsewhere() async throws {
        let place = ScriptedReadyPeer(true)
        try await withRelay {
            $0.identity = RoutingIdentity(isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
        } _: { relay in
            let course = Course(relay, place: place)
            let room = try relay.room(members: 1)
            #expect(await place.asked == 0)
            course.signal(SIGTERM)
            await place.untilAsked(1)
            try Self.awaitStatus(409, at: relay)
            await place.answers(false)
            await place.untilAsked(2)
            try Self.awaitStatus(101, at: relay)
            room.host.send(#"{"type":"close_room"}"#)
            #expect(await course.end() == nil)
        }
    }

    @Test("while no other machine answers, players are let in; and the shutdown does not wait for an answer")
    func hangingElsewhere() async throws {
        let place = ScriptedReadyPeer(nil)
        try await withRelay {
            $0.identity = RoutingIdentity(isRoutingOn: true, instance: InstanceID("m-1"), region: Region(name: "fra"))
        } _: { relay in
            let course = Course(relay, place: place)
            var room = try relay.room(members: 1)
            course.signal(SIGTERM)
            await place.untilAsked(1)
            try room.add(try relay.connect())
            room.host.send(#"{"type":"close_room"}"#)
            for member in room.members { try member.expectClose(4001, "room closed") }
            for member in room.members { member.socket.close() }
            #expect(await course.end() == nil)
            await place.untilCancelled(1)
            #expect(await place.asked == 1)
        }
    }

    /// Waits until the loops know the other machines' answer, which takes a moment.
    private static func awaitStatus(_ status: Int, at relay: RunningRelay) throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < deadline {
            let client = try relay.dial()
            client.sendRequest("/", headers: TestClient.upgradeFields)
            if try client.reply().status == status { return }
        }
        Issue.record("upgrades are not answered with \(status)")
    }

    @discardableResult
    private static func untilOneIsGone(of clients: [TestClient]) async -> TestClient? {
        while true {
            if let gone = clients.first(where: { $0.socket.hasNews(within: 5) }) { return gone }
            await Task.yield()
        }
    }
}

extension Heard {
    fileprivate var isText: Bool {
        if case .text = self { true } else { false }
    }
}
