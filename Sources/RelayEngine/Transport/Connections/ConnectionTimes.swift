/// The moments that decide when a connection is looked at, by the clock of its loop.
struct ConnectionTimes {
    /// When the last byte arrived, or waiting that was not the peer's ended.
    private(set) var lastReadAt: UInt64
    /// When the unanswered ping was sent; 0 if none is.
    private(set) var pingedAt: UInt64 = 0
    /// The end of the request, of the wait for a room, or of the close, whichever the phase has.
    var deadline: UInt64 = .max
    /// The timer entry that counts, `.max` if none is set; others are void.
    private(set) var checkAt: UInt64 = .max

    init(now: UInt64) {
        lastReadAt = now
    }

    mutating func bytesArrived(at moment: UInt64) {
        lastReadAt = moment
        pingedAt = 0
    }

    /// A rest that was none of the peer's doing is over.
    mutating func waitEnded(at moment: UInt64) {
        lastReadAt = moment
    }

    mutating func pinged(at moment: UInt64) {
        pingedAt = moment
    }

    var awaitsPong: Bool { pingedAt > 0 }

    /// When a WebSocket that says nothing is asked whether it is alive, or has been asked in vain.
    ///
    /// - Parameter idleTimeout: seconds; 0 for never.
    func silenceEnds(idleTimeout: Int) -> UInt64 {
        guard idleTimeout > 0 else { return .max }
        return max(pingedAt, lastReadAt) + UInt64(idleTimeout) * MonotonicClock.nanosecondsPerSecond / 2
    }

    // MARK: The timer entry

    /// Makes sure that the connection is looked at by the given moment.
    ///
    /// One entry a connection as a rule: an earlier one is set only when a deadline has moved closer, and a later deadline
    /// is found by the entry that is there.
    ///
    /// - Returns: whether a timer is to be set for that moment.
    mutating func arm(_ moment: UInt64) -> Bool {
        guard moment < checkAt else { return false }
        checkAt = moment
        return true
    }

    /// Takes note that the timer for this moment has fired.
    ///
    /// - Returns: false if an earlier one has taken its place.
    mutating func checkFired(_ moment: UInt64) -> Bool {
        guard checkAt == moment else { return false }
        checkAt = .max
        return true
    }

    /// Leaves the timer to whoever set it: the connection changes loops.
    mutating func forgetCheck() {
        checkAt = .max
    }
}
