internal import Glibc
package import Logging

/// The relay's logging: to standard output, as text on a terminal and as JSON lines elsewhere.
package enum RelayLogging {
    package static func logger(level: Logger.Level) -> Logger {
        let isTerminal = isatty(STDOUT_FILENO) == 1
        var logger = Logger(label: "party-sockets") { label in
            if isTerminal { return StreamLogHandler(label: label, stream: TerminalStream()) }
            return JSONLineLogHandler()
        }
        logger.logLevel = level
        return logger
    }
}
