/// Admits one log line of each kind per interval, a minute by default, and counts those left out.
///
/// What clients cause must not fill the log, and must not be silent either.
package struct LogThrottle<Kind: Hashable & Sendable>: Sendable {
    private let interval: UInt64
    private var kinds: [Kind: (next: UInt64, leftOut: Int)] = [:]

    /// - Parameter interval: nanoseconds.
    package init(interval: UInt64 = 60_000_000_000) {
        self.interval = interval
    }

    /// - Parameter now: nanoseconds of the monotonic clock.
    /// - Returns: the number of lines left out since the last one; nil if this one is left out as well.
    package mutating func admit(_ kind: Kind, now: UInt64) -> Int? {
        let (next, leftOut) = kinds[kind] ?? (now, 0)
        guard now >= next else {
            kinds[kind] = (next, leftOut + 1)
            return nil
        }
        kinds[kind] = (now + interval, 0)
        return leftOut
    }
}
