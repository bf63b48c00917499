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
        /// The field whose value is kept instead of the message.
        var key = "limit"
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            told.limits.withLock { $0.append((event.metadata?[key]).map { "\($0)" } ?? event.message.description) }
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

    @Test(
        "of lines about single connections a second has a bounded number, and the next line tells how many it left out")
    func details() {
        let told = Told()
        var log = LoopLog(Logger(label: "test") { _ in Handler(told: told, key: "leftOut") }, loop: 0)
        let most = LoopLog.detailsPerSecond
        for (second, count) in [(UInt64(1_000), most + 7), (1_001, 2), (1_002, most), (1_003, 1)] {
            for _ in 0..<count { log.detail("event", [:], now: second * MonotonicClock.nanosecondsPerSecond) }
        }
        let lines = told.limits.withLock { $0 }
        #expect(lines.count == most + 2 + most + 1)
        #expect(lines.enumerated().filter { $0.element != "event" }.map { $0.offset } == [most])
        #expect(lines[most] == "7")
    }

    @Test("they are wanted at debug and trace alone", arguments: Logger.Level.allCases)
    func level(_ level: Logger.Level) {
        var logger = Logger(label: "test") { _ in Handler(told: Told()) }
        logger.logLevel = level
        #expect(LoopLog(logger, loop: 0).hasDetails == (level <= .debug))
    }

    @Test("a system call that fails again and again is told of at most once a minute, whatever its error")
    func failures() {
        let told = Told()
        var log = LoopLog(Logger(label: "test") { _ in Handler(told: told) }, loop: 0)
        for (second, call) in [(0, "a"), (1, "b"), (59, "a"), (60, "a")] as [(UInt64, String)] {
            log.kernelFailed(
                because: SystemError(call, code: Int32(second)),
                now: (1_000 + second) * MonotonicClock.nanosecondsPerSecond)
        }
        #expect(told.limits.withLock { $0.count } == 3)
    }
}
