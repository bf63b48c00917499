internal import RelayCore

/// The outcome of a probe.
enum ProbeOutcome: Equatable {
    /// The answer is yes: the machine has the room, or takes new games.
    case found
    /// The answer is no.
    case notFound
    case failed(ProbeFailure)
    case timedOut
    /// Nobody waited for the answer any more.
    case cancelled

    var result: ClusterStatistics.ProbeResult {
        switch self {
        case .found: .found
        case .notFound: .notFound
        case .failed: .failed
        case .timedOut: .timedOut
        case .cancelled: .cancelled
        }
    }
}

/// The reason why a probe has no usable answer.
enum ProbeFailure: Error, Equatable, CustomStringConvertible {
    case status(UInt)
    /// The answer names another machine, so the address no longer belongs to the one asked.
    case otherMachine
    /// Status 200 with a body that describes no room: the server is not a relay.
    case noRoom
    case tooLong
    case closed
    /// The DNS gives no address.
    case noAddress
    /// A failure reported by the system or the HTTP decoder.
    case connection(String)

    var description: String {
        switch self {
        case .status(let code): "status \(code)"
        case .otherMachine: "the answer is from another machine"
        case .noRoom: "the answer describes no room"
        case .tooLong: "the answer is too long"
        case .closed: "closed before the answer was complete"
        case .noAddress: "no address"
        case .connection(let message): message
        }
    }
}
