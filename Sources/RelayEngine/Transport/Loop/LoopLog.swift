internal import Logging

/// The log lines of one loop.
struct LoopLog {
    private let logger: Logger
    private let loop: Int
    private var lastLogged: [String: UInt64] = [:]

    init(_ logger: Logger, loop: Int) {
        self.logger = logger
        self.loop = loop
    }

    /// Logs that a limit was exceeded, at most once a minute for each limit.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    mutating func limitExceeded(_ limit: String, now: UInt64) {
        if let last = lastLogged[limit], now < last + 60 * MonotonicClock.nanosecondsPerSecond { return }
        lastLogged[limit] = now
        logger.warning("limit reached", metadata: ["limit": "\(limit)", "loop": "\(loop)"])
    }

    func acceptingRests(because error: SystemError) {
        logger.debug("accepting rests", metadata: ["error": "\(error)", "loop": "\(loop)"])
    }

    func ringFailed(because error: SystemError) {
        logger.warning(
            "io_uring has failed, the loop goes on without it", metadata: ["error": "\(error)", "loop": "\(loop)"])
    }
}
