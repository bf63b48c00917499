internal import Logging
internal import NIOConcurrencyHelpers
internal import RelayCore
internal import RelayLimits

/// The log lines about refused handshakes: one a minute for each reason, whichever loop refuses.
///
/// A lock and not a table for each loop, lest a relay with many loops repeat itself; only refusals take it.
final class HandshakeLog: Sendable {
    private let logger: Logger
    private let throttle = NIOLockedValueBox(LogThrottle<HandshakeRefusal>())

    init(_ logger: Logger) {
        self.logger = logger
    }

    /// - Parameters:
    ///   - detail: more about the reason, in the relay's own words.
    ///   - origin: the client's `Origin`, if that is the reason.
    ///   - now: nanoseconds of the monotonic clock.
    func refused(_ refusal: HandshakeRefusal, detail: String?, origin: String?, now: UInt64) {
        guard let leftOut = throttle.withLockedValue({ $0.admit(refusal, now: now) }) else { return }
        var metadata: Logger.Metadata = ["reason": "\(refusal.rawValue)"]
        if let detail { metadata["detail"] = "\(detail)" }
        if let origin { metadata["origin"] = "\(LogText.line(origin))" }
        if leftOut > 0 { metadata["leftOut"] = "\(leftOut)" }
        logger.warning("handshake refused", metadata: metadata)
    }
}
