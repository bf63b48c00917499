/// The outcome of a question to one machine.
enum ProbeOutcome: Equatable {
    /// The answer is yes: the machine has the room, or takes new games.
    case found
    /// The answer is no.
    case notFound
    case failed(ProbeFailure)
    case timedOut
    /// Nobody waited for the answer any more.
    case cancelled

    /// The failure, if no other question would have fared better on the way to that machine.
    var failureOfConnection: ProbeFailure? {
        guard case .failed(let failure) = self else { return nil }
        return switch failure {
        case .connection, .closed, .stalled, .noAddress, .otherMachine: failure
        case .status, .noRoom, .tooLong, .unasked, .noSocket: nil
        }
    }

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

/// The reason why a question has no usable answer.
enum ProbeFailure: Error, Equatable, CustomStringConvertible {
    case status(UInt)
    /// The answer names another machine, so the address no longer belongs to the one asked.
    case otherMachine
    /// Status 200 with a body that describes no room: the server is not a relay.
    case noRoom
    case tooLong
    case closed
    /// Nothing came for so long that the connection was given up.
    case stalled
    /// An answer to no question.
    case unasked
    /// The DNS gives no address.
    case noAddress
    /// All sockets of the search are in use.
    case noSocket
    /// A failure reported by the system or the HTTP decoder.
    case connection(String)

    var description: String {
        switch self {
        case .status(let code): "status \(code)"
        case .otherMachine: "the answer is from another machine"
        case .noRoom: "the answer describes no room"
        case .tooLong: "the answer is too long"
        case .closed: "closed before the answer was complete"
        case .stalled: "no answer for too long"
        case .unasked: "an answer to no question"
        case .noAddress: "no address"
        case .noSocket: "too many connections"
        case .connection(let message): message
        }
    }
}
