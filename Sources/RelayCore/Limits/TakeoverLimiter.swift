internal import RelayLimits

/// A limit on how often the connection of a slot is taken over, for one room.
///
/// Two tabs with one `clientId` that both reconnect when they are replaced would do nothing else. A player who reloads
/// is never held up. Only the slots that were taken over a moment ago are remembered.
package struct TakeoverLimiter: Sendable {
    /// Ten at once, then one a second.
    private static let rate = TokenRate(perSecond: 1, burst: 10)
    /// The entries from which on those that have recovered are forgotten first.
    private static let fewest = 8

    private var buckets: [Slot: TokenBucket] = [:]
    private var mostBeforeForgetting = fewest

    package init() {}

    /// The number of slots that are remembered.
    package var tracked: Int { buckets.count }

    /// Counts a takeover; false if the slot has had too many, and keeps the connection that it has.
    package mutating func take(_ slot: Slot, now: UInt64) -> Bool {
        if buckets.count >= mostBeforeForgetting, buckets[slot] == nil { forgetRecovered(now: now) }
        return buckets[slot, default: TokenBucket()].take(at: TakeoverLimiter.rate, now: now)
    }

    /// Not called again before the table has doubled, so that a takeover costs constant time.
    private mutating func forgetRecovered(now: UInt64) {
        buckets = buckets.filter { !$0.value.isFull(now: now) }
        mostBeforeForgetting = max(TakeoverLimiter.fewest, 2 * buckets.count)
    }
}
