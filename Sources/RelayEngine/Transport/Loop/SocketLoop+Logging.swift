package import Logging

extension SocketLoop {
    /// Counts a limit that a client has exceeded, and logs it.
    func limitExceeded(_ limit: TransportLimit) {
        counters.limitsExceeded.add(1, for: limit)
        logExceeded(limit: Handler.name(of: limit))
    }

    /// True if `logDetail` writes lines. Checked before one is built.
    package var logsDetails: Bool { log.hasDetails }

    /// Logs an event that is of use only to somebody who looks for a fault.
    package func logDetail(
        _ event: String, of connection: Connection<Handler>? = nil, _ metadata: Logger.Metadata = [:]
    ) {
        var metadata = metadata
        if let connection { metadata["connection"] = .stringConvertible(connection.key.serial) }
        log.detail(event, metadata, now: now)
    }

    /// Logs that a limit was exceeded, at most once a minute for each name.
    package func logExceeded(limit: String) {
        log.limitExceeded(limit, now: now)
    }
}
