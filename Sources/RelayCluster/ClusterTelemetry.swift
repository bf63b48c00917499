internal import Logging
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import RelayCore
internal import RelayLimits

/// The metrics and log of the search on other machines.
///
/// A failing sibling fails every probe it gets, so each kind of warning is rate-limited. Loop-bound; only the counts
/// may be read from other threads.
final class ClusterTelemetry {
    private let statistics: NIOLockedValueBox<ClusterStatistics>
    private let logger: Logger
    private var throttle: LogThrottle<Warning>

    init(_ statistics: NIOLockedValueBox<ClusterStatistics>, logger: Logger, warningInterval: TimeAmount) {
        self.statistics = statistics
        self.logger = logger
        throttle = LogThrottle(interval: UInt64(warningInterval.nanoseconds))
    }

    /// - Parameter time: the duration; nil if the lookup was refused.
    func lookupEnded(
        _ code: RoomCode, _ result: ClusterStatistics.LookupResult, holder: InstanceID?, after time: TimeAmount?
    ) {
        statistics.withLockedValue { statistics in
            statistics.lookups[result] += 1
            if let time { statistics.lookupTimes.observe(nanoseconds: Int(time.nanoseconds)) }
        }
        logger.debug(
            "room lookup ended",
            metadata: ["room": "\(code)", "result": "\(result.rawValue)", "sibling": "\(holder?.text ?? "")"])
        if result == .refused {
            warn(.refusal, "room lookup refused: too many at once", metadata: ["room": "\(code)"])
        }
    }

    func probeEnded(_ sibling: InstanceID, _ outcome: ProbeOutcome) {
        statistics.withLockedValue { $0.probes[outcome.result] += 1 }
        logger.debug(
            "probe ended", metadata: ["sibling": "\(sibling)", "result": "\(outcome.result.rawValue)"])
        switch outcome {
        case .failed(let failure):
            warn(.probe, "probe of a sibling failed", metadata: ["sibling": "\(sibling)", "reason": "\(failure)"])
        case .timedOut:
            warn(.silence, "a sibling did not answer in time", metadata: ["sibling": "\(sibling)"])
        case .found, .notFound, .cancelled:
            break
        }
    }

    /// Rooms could be handed over, and no sibling takes any.
    func noTakerFound() {
        statistics.withLockedValue { $0.handovers[.noSibling] += 1 }
    }

    func handoverEnded(_ code: RoomCode, _ result: HandoverResult) {
        statistics.withLockedValue { $0.handovers[result.kind] += 1 }
        let facts: Logger.Metadata = ["room": "\(code)", "result": "\(result.kind.rawValue)"]
        switch result {
        case .taken(let sibling):
            logger.debug("room handed over", metadata: facts.merging(["sibling": "\(sibling)"]) { $1 })
        case .cancelled:
            logger.debug("room not handed over", metadata: facts)
        case .refused, .noSibling, .failed, .timedOut:
            warn(.handover, "room not handed over", metadata: facts)
        }
    }

    /// Logs a machine's answer to a readiness probe. No warning: machines go away while others drain, as in a rolling
    /// deploy.
    func readinessTold(_ machine: InstanceID, _ outcome: ProbeOutcome) {
        logger.debug("readiness", metadata: ["machine": "\(machine)", "result": "\(outcome)"])
    }

    func queryEnded<Answer>(_ name: String, _ result: Result<Answer, any Error>, as kind: Warning) {
        switch result {
        case .success:
            statistics.withLockedValue { $0.queries[.answered] += 1 }
            logger.debug("DNS query answered", metadata: ["name": "\(name)"])
        case .failure(let error):
            statistics.withLockedValue { $0.queries[.failed] += 1 }
            warn(kind, "DNS query failed", metadata: ["name": "\(name)", "reason": "\(error)"])
        }
    }

    /// Logs what an address of the siblings' name has told of its machine. A refusal is no warning: machines begin and end.
    func idTold(_ address: SocketAddress, _ answer: AddressBook.Answer) {
        logger.debug("machine asked for its id", metadata: ["address": "\(address)", "result": "\(answer)"])
        switch answer {
        case .named, .nobody: break
        case .nameless:
            warn(.identity, "a machine tells no INSTANCE_ID, or is no relay", metadata: ["address": "\(address)"])
        case .silence:
            warn(.identity, "a machine did not tell its id in time", metadata: ["address": "\(address)"])
        }
    }

    func siblingsListed(_ count: Int) {
        statistics.withLockedValue { $0.siblings = count }
    }

    func firstWasRight() {
        statistics.withLockedValue { $0.firstRight += 1 }
    }

    func keptConnectionsChanged(by change: Int) {
        if change != 0 { statistics.withLockedValue { $0.keptConnections += change } }
    }

    func suspectsChanged(to count: Int) {
        statistics.withLockedValue { $0.suspects = count }
    }

    private func warn(_ kind: Warning, _ message: Logger.Message, metadata: Logger.Metadata) {
        guard let leftOut = throttle.admit(kind, now: NIODeadline.now().uptimeNanoseconds) else { return }
        var metadata = metadata
        if leftOut > 0 { metadata["leftOut"] = .stringConvertible(leftOut) }
        logger.warning(message, metadata: metadata)
    }
}
