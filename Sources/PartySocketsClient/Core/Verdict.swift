/// What a client does about a failure: the table of error codes. `CloseCode` has that of close codes.
struct Verdict: Hashable, Sendable {
    let course: Course
    /// The shortest wait before the next attempt, where the relay's `retryAfter` does not tell.
    var wait = Duration.zero
    /// Whether trying again is of no use, also for a player who asks for it.
    var isFinal = false
    /// Whether a client that has no seat yet tries again by itself; otherwise its program is told.
    var isForNewcomers = false

    enum Course: Hashable, Sendable {
        /// It is over for this client.
        case end
        /// It comes back.
        case retry
        /// The relay knows no such room, which may be on its way to another machine: who has been there believes that
        /// when it was said twice.
        case confirm
    }
}

extension PartyError.Code {
    /// What a client does when its connection ends, or the relay does not let it in, for this reason. What is not listed
    /// is passed on to newcomers as final, and members try again.
    var verdict: Verdict {
        switch self {
        case .unreachable, .timeout, .suspended: Verdict(course: .retry, isForNewcomers: true)
        case .serverDraining, .tooManyAttempts: Verdict(course: .retry, wait: .seconds(1), isForNewcomers: true)
        case .serverFull: Verdict(course: .retry, wait: .seconds(5), isForNewcomers: true)
        case .roomFull: Verdict(course: .retry, wait: .seconds(5))
        // Relays remember for 2 s that there is no such room.
        case .roomNotFound: Verdict(course: .confirm, wait: .milliseconds(2_200), isFinal: true)
        // A member knows that there is a relay: something before it fails.
        case .noRelay: Verdict(course: .retry, wait: .seconds(5), isFinal: true)
        // Two programs with one secret would fight for the seat.
        case .replaced, .gaveUp, .aborted, .notSent: Verdict(course: .end)
        case .left, .roomClosed, .kicked, .notAllowed, .roomLocked, .invalidURL, .noTLS:
            Verdict(course: .end, isFinal: true)
        default: Verdict(course: .retry, isFinal: true)
        }
    }
}
