import Logging

/// The warnings that were logged, each as one text, and the number of DNS queries that ended.
final class LogRecord: Sendable {
    let warnings = Watched<[String]>([])
    let queries = Watched(0)

    var logger: Logger {
        Logger(label: "test") { _ in Handler(warnings: self.warnings, queries: self.queries) }
    }

    private struct Handler: LogHandler {
        let warnings: Watched<[String]>
        let queries: Watched<Int>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            if event.message.description.hasPrefix("DNS query") { queries.change { $0 += 1 } }
            guard event.level >= .warning else { return }
            let details = (event.metadata ?? [:]).map { "\($0)=\($1)" }.sorted()
            let line = ([event.message.description] + details).joined(separator: " ")
            warnings.change { $0.append(line) }
        }
    }
}
