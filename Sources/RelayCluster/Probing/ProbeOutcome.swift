internal import RelayCore

/// How a probe ended.
enum ProbeOutcome: Equatable {
    /// Yes: the machine has what it was asked for.
    case found
    /// No.
    case notFound
    case failed(ProbeFailure)
    case timedOut
    /// Nobody waited for it any more.
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

/// Why an answer, or its absence, says nothing.
enum ProbeFailure: Error, Equatable, CustomStringConvertible {
    case status(UInt)
    /// The answer names another machine, so this address is no longer that of the one that was asked.
    case otherMachine
    /// 200 with a body that describes no room: something else listens there.
    case noRoom
    case tooLong
    case closed
    /// The DNS names no address to ask at.
    case noAddress
    /// What the system or the HTTP decoder said.
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
