/// The refill rate and the capacity of a token bucket, shared by all buckets of one limit.
@usableFromInline
package struct TokenRate: Hashable, Sendable {
    /// Nanoseconds to refill one token; 0 for no limit.
    @usableFromInline let interval: UInt64
    /// Nanoseconds to fill an empty bucket.
    @usableFromInline let capacity: UInt64

    // No time below is longer than this (146 years), so the sum of two cannot overflow.
    @inlinable static var longest: UInt64 { 1 << 62 }

    /// A rate of 0 or less sets no limit; a burst below 1 counts as 1.
    package init(perSecond count: Int, burst: Int) {
        self.init(count, per: 1_000_000_000, burst: burst)
    }

    /// A rate of 0 or less sets no limit; a burst below 1 counts as 1.
    package init(perMinute count: Int, burst: Int) {
        self.init(count, per: 60_000_000_000, burst: burst)
    }

    private init(_ count: Int, per period: UInt64, burst: Int) {
        guard count > 0 else {
            self.interval = 0
            self.capacity = 0
            return
        }
        // Rounded up: never faster than the limit says.
        let interval = (period - 1) / UInt64(count) + 1
        self.interval = interval
        self.capacity = TokenRate.time(forTokens: max(1, burst), interval: interval)
    }

    @inlinable package var isUnlimited: Bool { interval == 0 }

    @inlinable
    func time(forTokens count: Int) -> UInt64 {
        TokenRate.time(forTokens: count, interval: interval)
    }

    @inlinable
    static func time(forTokens count: Int, interval: UInt64) -> UInt64 {
        let (product, overflow) = UInt64(max(0, count)).multipliedReportingOverflow(by: interval)
        return overflow ? longest : min(product, longest)
    }
}

/// A token bucket in one number: the instant at which it will be full again (the generic cell rate algorithm).
///
/// Each connection has one, hence its eight bytes; the rate, which all share, is passed in.
/// Times are nanoseconds of a monotonic clock.
@usableFromInline
package struct TokenBucket: Hashable, Sendable {
    @usableFromInline var fullAt: UInt64 = 0

    /// A full bucket.
    package init() {}

    /// Takes tokens if there are enough; returns whether it did.
    ///
    /// A full bucket grants more than it holds and goes into debt; otherwise a request larger than the bucket would
    /// never be granted.
    @inlinable
    package mutating func take(_ count: Int = 1, at rate: TokenRate, now: UInt64) -> Bool {
        if rate.isUnlimited { return true }
        let missing = nanosecondsUntilFull(now: now)
        let cost = rate.time(forTokens: count)
        guard missing + min(cost, rate.capacity) <= rate.capacity else { return false }
        fullAt = min(now, .max - 2 * TokenRate.longest) + missing + cost
        return true
    }

    /// Puts one token back; a full bucket stays as it is.
    package mutating func giveBack(at rate: TokenRate) {
        fullAt -= min(rate.interval, fullAt)
    }

    /// Nanoseconds until one token is available; 0 if one is available now.
    @inlinable
    package func nanosecondsUntilReady(at rate: TokenRate, now: UInt64) -> UInt64 {
        if rate.isUnlimited { return 0 }
        let needed = nanosecondsUntilFull(now: now) + min(rate.interval, rate.capacity)
        return needed > rate.capacity ? needed - rate.capacity : 0
    }

    /// True if the bucket is full, so it need not be kept.
    package func isFull(now: UInt64) -> Bool { fullAt <= now }

    /// Nanoseconds until the bucket is full.
    @inlinable
    package func nanosecondsUntilFull(now: UInt64) -> UInt64 {
        fullAt > now ? min(fullAt - now, TokenRate.longest) : 0
    }
}
