import Glibc
import Logging
import RelayWire
import TestSupport
import Testing

@testable import RelayEngine

@Suite("Connections that move between loops")
struct MigrationTests {
    private static let loops = 3

    @Test(
        "requests sent at once, each for another loop than the one before, are all answered, in their order",
        arguments: IOUringMode.tested)
    func answersInOrder(ioUring: IOUringMode) async throws {
        let engine = try RunningLoops(count: MigrationTests.loops, ioUring: ioUring)
        let port = engine.port
        let answers = await withTaskGroup(of: Bool.self) { group in
            for client in 1...4 as ClosedRange<UInt64> {
                group.addTask { MigrationTests.isAnswered(client, port: port) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        await engine.stop()
        #expect(answers == [true, true, true, true])
    }

    /// Sends all requests of one client and reads all answers.
    private static func isAnswered(_ seed: UInt64, port: Int) -> Bool {
        var dice = SeededGenerator(seed: seed)
        var requests: [UInt8] = []
        var expected: [UInt8] = []
        for number in 0..<2_000 {
            let target = "/\(dice.roll(loops))/\(number)"
            requests += Array("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            HTTPResponse(.ok, contentType: "text/plain", body: Array(target.utf8))
                .append(to: &expected, isHead: false, isKeepAlive: true, date: DateField(second: 0))
        }
        guard let client = LoopbackClient(family: AF_INET, port: port) else { return false }
        return client.send(requests) && undated(client.receive(expected.count)) == undated(expected)
    }

    /// The answers with the dates blotted out: each has the moment at which it was written.
    private static func undated(_ answers: [UInt8]) -> [UInt8] {
        var answers = answers
        let name = Array("\r\nDate: ".utf8)
        for start in answers.indices.dropLast(name.count + 29) where answers[start...].starts(with: name) {
            answers.replaceSubrange(start + name.count..<start + name.count + 29, with: repeatElement(0, count: 29))
        }
        return answers
    }
}

/// The loops of an engine without rooms, on threads of their own.
private struct RunningLoops {
    private let group: LoopGroup<PassingHandler>
    private let listener: Listener
    private let ended = AsyncStream<Void>.makeStream()

    var port: Int { listener.port }

    init(count: Int, ioUring: IOUringMode) throws {
        group = try LoopGroup(loops: count)
        listener = try Listener(host: "127.0.0.1", port: 0)
        var settings = TransportSettings()
        settings.messagesPerSecond = 0
        settings.fewestCallsPerBatch = 1
        for index in 0..<count {
            let loop = try SocketLoop(
                index: index, group: group, listener: listener, settings: settings, counters: TransportCounters(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, handler: PassingHandler(),
                ring: try ioUring.ring())
            try LoopThread.start(name: "test-\(index)", ended: { [ended] in ended.continuation.yield() }) { loop.run() }
        }
    }

    func stop() async {
        group.beginShutdown(.atOnce)
        var running = group.count
        for await _ in ended.stream {
            running -= 1
            if running == 0 { return }
        }
    }
}
