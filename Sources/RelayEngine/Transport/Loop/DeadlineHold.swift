/// The grace of a loop that was stopped, starved or suspended: for a moment no deadline passes.
///
/// Whoever had to do something in that time may have done it, and the loop has not read it yet. What was sent may take
/// several turns to have its effect (a request, a move to another loop, the join behind it), so deadlines are held back
/// for a time and not for one turn.
struct DeadlineHold {
    /// The latest wake-up that is no stop, in nanoseconds: a busy machine, or a long turn.
    static let tolerance = MonotonicClock.nanosecondsPerSecond / 4
    /// The longest hold for one stop; a shorter stop is followed by a hold of its own length.
    static let longest = MonotonicClock.nanosecondsPerSecond
    /// The longest hold in a row: a loop that is late again and again has deadlines too.
    static let longestInARow = 5 * MonotonicClock.nanosecondsPerSecond

    /// The end of the hold; deadlines pass from then on.
    private(set) var endsAt: UInt64 = 0
    /// The moment up to which deadlines have passed, while the hold lasts.
    private var heldFrom: UInt64 = 0
    private var granted: UInt64 = 0
    private(set) var isInEffect = false

    /// Notes that a turn begins.
    ///
    /// - Parameters:
    ///   - last: the start of the turn before, in which all that was due has been done.
    ///   - lateness: nanoseconds since the moment at which it should have begun.
    mutating func turnBegins(at now: UInt64, after last: UInt64, lateness: UInt64) {
        if isInEffect, now >= endsAt, lateness <= DeadlineHold.tolerance { isInEffect = false }
        if !isInEffect { granted = 0 }
        guard lateness > DeadlineHold.tolerance else { return }
        hold(for: min(lateness, DeadlineHold.longest), at: now, from: last)
    }

    /// Notes that more sockets are ready than the turn could look at.
    mutating func leftUnread(at now: UInt64) {
        if isInEffect { hold(for: DeadlineHold.tolerance, at: now, from: heldFrom) }
    }

    private mutating func hold(for length: UInt64, at now: UInt64, from last: UInt64) {
        let start = isInEffect ? max(endsAt, now) : now
        let added = min(max(now + length, start) - start, DeadlineHold.longestInARow - granted)
        if !isInEffect { heldFrom = last }
        granted += added
        endsAt = start + added
        isInEffect = now < endsAt
    }

    /// The moment up to which deadlines have passed.
    func due(at now: UInt64) -> UInt64 { isInEffect ? heldFrom : now }
}
