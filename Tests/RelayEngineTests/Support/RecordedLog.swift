import Logging
import Synchronization

/// The warnings that a relay has logged.
final class RecordedLog: Sendable {
    struct Line: Hashable, Sendable {
        let message: String
        let metadata: [String: String]
    }

    private let recorded = Mutex<[Line]>([])

    var lines: [Line] { recorded.withLock { $0 } }

    /// The lines, each as one text with its details.
    var texts: [String] {
        lines.map { line in
            ([line.message] + line.metadata.map { "\($0)=\($1)" }.sorted()).joined(separator: " ")
        }
    }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(log: self) }
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            guard event.level >= .warning else { return }
            let line = Line(
                message: event.message.description, metadata: (event.metadata ?? [:]).mapValues { "\($0)" })
            log.recorded.withLock { $0.append(line) }
        }
    }
}
