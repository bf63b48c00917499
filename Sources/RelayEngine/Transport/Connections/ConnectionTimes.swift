/// The moments that decide when a connection is checked, by the clock of its loop.
struct ConnectionTimes {
    /// The moment at which the last byte arrived, or a pause that the peer did not cause ended.
    private(set) var lastReadAt: UInt64
    /// The moment at which the unanswered ping was sent; 0 if there is none.
    private(set) var pingedAt: UInt64 = 0
    /// The moment by which the phase's goal must be reached: the whole request, a room, or the end of the close.
    var deadline: UInt64 = .max
    /// The deadline of the valid timer entry, `.max` if none is set; other entries are void.
    private(set) var checkAt: UInt64 = .max

    init(now: UInt64) {
        lastReadAt = now
    }

    mutating func bytesArrived(at moment: UInt64) {
        lastReadAt = moment
        pingedAt = 0
    }

    /// Notes the end of a pause that the peer did not cause.
    mutating func waitEnded(at moment: UInt64) {
        lastReadAt = moment
    }

    mutating func pinged(at moment: UInt64) {
        pingedAt = moment
    }

    var awaitsPong: Bool { pingedAt > 0 }

    /// The moment at which a silent WebSocket is pinged, or its ping counts as unanswered.
    ///
    /// - Parameter idleTimeout: seconds; 0 for never.
    func silenceEnds(idleTimeout: Int) -> UInt64 {
        guard idleTimeout > 0 else { return .max }
        return max(pingedAt, lastReadAt) + UInt64(idleTimeout) * MonotonicClock.nanosecondsPerSecond / 2
    }

    // MARK: The timer entry

    /// Makes sure that the connection is checked by the given moment.
    ///
    /// A connection usually has one entry: an earlier one is added only when a deadline moves closer, and a later
    /// deadline is noticed when the existing entry fires.
    ///
    /// - Returns: true if the caller must set a timer for that moment.
    mutating func arm(_ moment: UInt64) -> Bool {
        guard moment < checkAt else { return false }
        checkAt = moment
        return true
    }

    /// Notes that the timer for this moment has fired.
    ///
    /// - Returns: false if an earlier entry has replaced it.
    mutating func checkFired(_ moment: UInt64) -> Bool {
        guard checkAt == moment else { return false }
        checkAt = .max
        return true
    }

    /// Voids the timer entry, which stays with the old loop when the connection moves.
    mutating func forgetCheck() {
        checkAt = .max
    }
}
