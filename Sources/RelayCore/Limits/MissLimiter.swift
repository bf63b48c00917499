package import RelayLimits

/// Limits how many unknown codes one client may try, so that nobody finds a room by guessing.
///
/// Only misses count. Ten phones behind one address that all know their room are never held up; a caller that looks the
/// room up first, and asks here only after a miss, never refuses a hit.
package struct MissLimiter: Sendable {
    private let rate: TokenRate
    private let maxTracked: Int
    private var buckets = RecencyTable<ClientAddress, TokenBucket>()

    /// Allows `perMinute` misses at once, and refills them evenly over a minute; 0 sets no limit.
    ///
    /// Above `maxTracked` clients, the one that missed longest ago is forgotten.
    package init(perMinute: Int, maxTracked: Int = 10_000) {
        precondition(maxTracked >= 1, "a limiter remembers at least one client")
        self.rate = TokenRate(perMinute: perMinute, burst: perMinute)
        self.maxTracked = maxTracked
    }

    /// The number of clients that are remembered.
    package var tracked: Int { buckets.count }

    /// Counts a miss; false if the client has had too many, and must be told so instead of the answer.
    package mutating func recordMiss(from address: ClientAddress, now: UInt64) -> Bool {
        if rate.isUnlimited || address.isLocal { return true }
        forgetRecovered(now: now)
        let key = address.limitKey
        var isAllowed = false
        if let handle = buckets.handle(of: key) {
            _ = buckets.touch(handle) { bucket in isAllowed = bucket.take(at: rate, now: now) }
            return isAllowed
        }
        if buckets.count >= maxTracked { _ = buckets.removeOldest() }
        var bucket = TokenBucket()
        isAllowed = bucket.take(at: rate, now: now)
        _ = buckets.insert(bucket, for: key)
        return isAllowed
    }

    /// True if the next miss of this client would be one too many.
    package func isBlocked(_ address: ClientAddress, now: UInt64) -> Bool {
        if rate.isUnlimited || address.isLocal { return false }
        guard let bucket = buckets.value(of: address.limitKey) else { return false }
        return bucket.nanosecondsUntilReady(at: rate, now: now) > 0
    }

    /// Drops up to two clients whose misses have all expired, so the table shrinks faster than it grows.
    private mutating func forgetRecovered(now: UInt64) {
        for _ in 0..<2 {
            guard let oldest = buckets.oldestValue, oldest.isFull(now: now) else { return }
            _ = buckets.removeOldest()
        }
    }
}
