internal import Logging
internal import RelayLimits

/// The log lines of one loop.
struct LoopLog {
    private let logger: Logger
    private let loop: Int
    private var throttle = LogThrottle<String>()
    /// True if events of single connections are logged.
    let hasDetails: Bool
    private var detailSecond: UInt64 = 0
    private var detailsInSecond = 0
    private var detailsLeftOut = 0
    /// The most lines about single connections in a second: whoever connects or errs too often must not cost the
    /// others the loop's time, or the rest of the log.
    static let detailsPerSecond = 500

    init(_ logger: Logger, loop: Int) {
        self.logger = logger
        self.loop = loop
        hasDetails = logger.logLevel <= .debug
    }

    /// Logs that a limit was exceeded, at most once a minute for each limit.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    mutating func limitExceeded(_ limit: String, now: UInt64) {
        guard throttle.admit(limit, now: now) != nil else { return }
        logger.warning("limit reached", metadata: ["limit": "\(limit)", "loop": .stringConvertible(loop)])
    }

    /// Logs an event of a single connection or room, unless there have been too many in this second; the next line tells
    /// how many were left out.
    mutating func detail(_ event: String, _ metadata: Logger.Metadata, now: UInt64) {
        let second = now / MonotonicClock.nanosecondsPerSecond
        if second != detailSecond { (detailSecond, detailsInSecond) = (second, 0) }
        detailsInSecond += 1
        guard detailsInSecond <= LoopLog.detailsPerSecond else {
            detailsLeftOut += 1
            return
        }
        var metadata = metadata
        metadata["loop"] = .stringConvertible(loop)
        if detailsLeftOut > 0 { metadata["leftOut"] = .stringConvertible(detailsLeftOut) }
        detailsLeftOut = 0
        logger.debug("\(event)", metadata: metadata)
    }

    /// Logs that the kernel has failed a call for one connection or message, at most once a minute for each call.
    mutating func kernelFailed(because error: SystemError, now: UInt64) {
        guard throttle.admit(error.call, now: now) != nil else { return }
        logger.warning("a system call has failed", metadata: ["error": "\(error)", "loop": .stringConvertible(loop)])
    }

    func acceptingRests(because error: SystemError) {
        logger.debug("accepting rests", metadata: ["error": "\(error)", "loop": .stringConvertible(loop)])
    }

    func ringFailed(because error: SystemError) {
        logger.warning(
            "io_uring has failed, the loop goes on without it",
            metadata: ["error": "\(error)", "loop": .stringConvertible(loop)])
    }
}
