/// The moments that decide when a connection is checked, by the clock of its loop.
struct ConnectionTimes {
    /// The moment at which the last byte arrived, or a pause that the peer did not cause ended.
    private(set) var lastReadAt: UInt64
    /// The moment at which the unanswered ping left, or at which it was last seen behind other output; 0 if there is
    /// none.
    private(set) var pingedAt: UInt64 = 0
    /// The latest moment at which the peer's kernel can have acknowledged something new, as far as was asked.
    private(set) var acknowledgedAt: UInt64 = 0
    /// The moment by which the phase's goal must be reached: the whole request, a room, or the end of the close.
    var deadline: UInt64 = .max
    /// The deadline of the valid timer entry, `.max` if none is set; other entries are void.
    private(set) var checkAt: UInt64 = .max
    /// Bytes that the peer's kernel had acknowledged when it was last asked, modulo 2^32.
    private var acknowledged: UInt32 = 0
    /// The position behind the ping in the stream, modulo 2^32.
    private var pingEnd: UInt32 = 0
    /// True while other output is before the ping.
    private var isPingOnItsWay = false
    /// The times that a close has been given more time.
    private var closeExtensions: UInt8 = 0

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

    /// Notes that a ping was queued.
    ///
    /// - Parameters:
    ///   - bytes: of the ping.
    ///   - output: before it.
    mutating func pinged(at moment: UInt64, bytes: Int, behind output: SendProgress) {
        pingedAt = moment
        pingEnd = output.end &+ UInt32(truncatingIfNeeded: bytes)
        isPingOnItsWay = output.outstanding > 0
    }

    var awaitsPong: Bool { pingedAt > 0 }

    /// The moment at which a silent WebSocket is pinged, or its ping counts as unanswered. While the ping is on its way
    /// that is looked into more often, lest the wait for its answer begin late.
    ///
    /// - Parameter idleTimeout: seconds; 0 for never.
    func silenceEnds(idleTimeout: Int) -> UInt64 {
        guard idleTimeout > 0 else { return .max }
        let timeout = UInt64(idleTimeout) * MonotonicClock.nanosecondsPerSecond
        return awaitsPong && isPingOnItsWay ? pingedAt + timeout / 8 : max(pingedAt, lastReadAt) + timeout / 2
    }

    /// The end of a silence.
    enum Silence {
        /// The peer shows life, or has time left.
        case goesOn
        case ping
        /// It shows no life.
        case isOver
        /// It shows no life, with output waiting for it.
        case isOverWithOutput
    }

    /// Judges a silence whose end has come, by what the peer's kernel has acknowledged meanwhile.
    ///
    /// - Parameter idleTimeout: seconds, not 0.
    mutating func judgeSilence(at now: UInt64, idleTimeout: Int, _ output: SendProgress) -> Silence {
        let hasAdvanced = note(output, at: now)
        guard awaitsPong else { return .ping }
        if isPingOnItsWay {
            pingedAt = now
            isPingOnItsWay = !output.hasPassed(pingEnd)
            let end = max(lastReadAt, acknowledgedAt) + UInt64(idleTimeout) * MonotonicClock.nanosecondsPerSecond
            return isPingOnItsWay && now >= end ? .isOverWithOutput : .goesOn
        }
        guard output.held > 0 else { return .isOver }
        // With output held up, the peer's window opens only as the peer reads. Else its kernel acknowledges alone.
        if hasAdvanced { pingedAt = now }
        return hasAdvanced ? .goesOn : .isOverWithOutput
    }

    /// - Returns: true if something new is acknowledged since the kernel was last asked.
    private mutating func note(_ output: SendProgress, at now: UInt64) -> Bool {
        guard output.acknowledged != acknowledged else { return false }
        acknowledged = output.acknowledged
        acknowledgedAt = max(acknowledgedAt, now - min(output.quiet, now))
        return true
    }

    /// Judges a close whose time is up.
    ///
    /// - Returns: true if it gets so much time once more, because the peer still reads what it was sent.
    mutating func mayGoOnClosing(at now: UInt64, for time: UInt64, _ output: SendProgress) -> Bool {
        guard note(output, at: now), output.outstanding > 0, output.quiet < time,
            closeExtensions < TransportSettings.mostCloseExtensions
        else { return false }
        closeExtensions += 1
        return true
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
