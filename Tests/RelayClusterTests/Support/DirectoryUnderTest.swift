import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RelayCore
import Testing

@testable import RelayCluster

/// A directory on an event loop, with a scripted DNS, for as long as a test takes.
struct DirectoryUnderTest: Sendable {
    let loop: any EventLoop
    let directory: NIOLoopBoundBox<PeerDirectory>
    let names: ScriptedNames
    let log: LogRecord

    /// Identifies one wait.
    private final class Waiter: Sendable {}

    /// Times after which no answer is asked for again, and no query is given up, unless a test says so.
    static var patient: AnswerCacheTimes {
        var times = AnswerCacheTimes()
        (times.fresh, times.doubtful, times.patience, times.query) = (.hours(1), .hours(1), .hours(1), .hours(1))
        (times.final, times.betweenFinal) = (.zero, .zero)
        return times
    }

    static func run(
        _ configuration: ClusterConfiguration? = nil, times: AnswerCacheTimes = patient,
        _ body: (DirectoryUnderTest) async throws -> Void
    ) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let (names, log) = (ScriptedNames(), LogRecord())
        let configuration = try configuration ?? ClusterUnderTest.configuration()
        let telemetry = ClusterTelemetry(
            NIOLockedValueBox(ClusterStatistics()), logger: log.logger, warningInterval: .zero)
        let directory = NIOLoopBoundBox.makeBoxSendingValue(
            PeerDirectory(configuration, names: names, times: times, on: loop, telemetry: telemetry), eventLoop: loop)
        let test = DirectoryUnderTest(loop: loop, directory: directory, names: names, log: log)
        let result: Result<Void, any Error>
        do { result = .success(try await body(test)) } catch { result = .failure(error) }
        for query in try await loop.submit({ directory.value.stop() }).get() { await query.value }
        try result.get()
    }

    func siblings(_ freshness: Freshness = .usual) async throws -> [String]? {
        try await wait { $0.siblings(for: $1, freshness: freshness, $2) }?.map(\.text)
    }

    func addresses(of machine: String, _ freshness: Freshness = .usual) async throws -> [String]? {
        let id = try #require(InstanceID(machine))
        return try await wait { $0.addresses(of: id, for: $1, freshness: freshness, $2) }?.map {
            "\($0.ipAddress ?? "") \($0.port ?? 0)"
        }
    }

    /// Runs on the directory's loop.
    func onLoop<Result: Sendable>(_ work: @escaping @Sendable (PeerDirectory) -> Result) async throws -> Result {
        try await loop.submit { [directory] in work(directory.value) }.get()
    }

    private func wait<Answer: Sendable>(
        _ ask: @escaping @Sendable (PeerDirectory, AnyObject, @escaping (Answer) -> Void) -> Void
    ) async throws -> Answer {
        try await loop.flatSubmit { [directory, loop] in
            let promise = loop.makePromise(of: Answer.self)
            let waiter = Waiter()
            ask(directory.value, waiter) { answer in
                withExtendedLifetime(waiter) { promise.succeed(answer) }
            }
            return promise.futureResult
        }.get()
    }
}
