import Logging
import Synchronization
import Testing

@testable import RelayEngine

@Suite("The log lines of a loop")
struct LoopLogTests {
    /// The limits that a log has told of.
    private final class Told: Sendable {
        let limits = Mutex<[String]>([])
    }

    private struct Handler: LogHandler {
        let told: Told
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            told.limits.withLock { $0.append((event.metadata?["limit"]).map { "\($0)" } ?? event.message.description) }
        }
    }

    @Test(
        "a limit is told of at most once a minute, whatever other limits are",
        arguments: [
            ([("a", 0), ("a", 59), ("a", 60)], ["a", "a"]), ([("a", 0), ("b", 1), ("a", 2), ("b", 3)], ["a", "b"]),
            // A minute from the line, not from the last time.
            ([("a", 0), ("a", 40), ("a", 61), ("a", 80)], ["a", "a"]),
        ] as [([(String, UInt64)], [String])])
    func limits(exceeded: [(limit: String, second: UInt64)], lines: [String]) {
        let told = Told()
        var log = LoopLog(Logger(label: "test") { _ in Handler(told: told) }, loop: 0)
        for (limit, second) in exceeded {
            log.limitExceeded(limit, now: (1_000 + second) * MonotonicClock.nanosecondsPerSecond)
        }
        #expect(told.limits.withLock { $0 } == lines)
    }
}
