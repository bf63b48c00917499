internal import Glibc
internal import Logging

/// The relay's logging: to standard output, as text on a terminal and as JSON lines elsewhere.
enum RelayLogging {
    /// - Parameter hold: keeps its lines back; nil for none.
    static func logger(level: Logger.Level, held hold: LogHold? = nil) -> Logger {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        var logger = Logger(label: "party-sockets") { label in
            let handler: any LogHandler =
                isTerminal ? StreamLogHandler(label: label, stream: TerminalStream()) : JSONLineLogHandler()
            return hold.map { HeldLogHandler(handler, until: $0) } ?? handler
        }
        logger.logLevel = level
        return logger
    }
}
