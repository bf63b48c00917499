import RelayLimits
import TestSupport
import Testing

@Suite("Token buckets")
struct TokenBucketTests {
    static let second: UInt64 = 1_000_000_000

    @Test("a bucket takes eight bytes")
    func size() {
        #expect(MemoryLayout<TokenBucket>.size == 8)
    }

    @Test("a full bucket grants its burst at once, and then nothing")
    func burst() {
        let rate = TokenRate(perSecond: 10, burst: 20)
        var bucket = TokenBucket()
        for _ in 0..<20 { #expect(bucket.take(at: rate, now: 5) == true) }
        #expect(bucket.take(at: rate, now: 5) == false)
    }

    @Test("tokens come back evenly at the rate, and never beyond the burst")
    func refill() {
        let rate = TokenRate(perSecond: 10, burst: 2)
        var bucket = TokenBucket()
        #expect(bucket.take(2, at: rate, now: 0) == true)
        #expect(bucket.take(at: rate, now: Self.second / 10 - 1) == false)
        #expect(bucket.take(at: rate, now: Self.second / 10) == true)
        #expect(bucket.take(at: rate, now: Self.second / 10) == false)
        #expect(bucket.take(2, at: rate, now: 3_600 * Self.second) == true)
        #expect(bucket.take(at: rate, now: 3_600 * Self.second) == false)
    }

    @Test("a token that is given back can be taken again, and a full bucket gains nothing by it")
    func givenBack() {
        let rate = TokenRate(perSecond: 10, burst: 2)
        var bucket = TokenBucket()
        bucket.giveBack(at: rate)
        for _ in 0..<3 {
            #expect(bucket.take(2, at: rate, now: 5) == true)
            #expect(bucket.take(at: rate, now: 5) == false)
            bucket.giveBack(at: rate)
            #expect(bucket.take(at: rate, now: 5) == true)
            #expect(bucket.take(at: rate, now: 5) == false)
            bucket.giveBack(at: rate)
            bucket.giveBack(at: rate)
            bucket.giveBack(at: rate)
            #expect(bucket.nanosecondsUntilFull(now: 5) == 0)
        }
        // Filled meanwhile by time alone.
        #expect(bucket.take(at: rate, now: Self.second) == true)
        bucket.giveBack(at: rate)
        #expect(bucket.take(2, at: rate, now: 2 * Self.second) == true)
        #expect(bucket.take(at: rate, now: 2 * Self.second) == false)
    }

    @Test("giving back to a bucket without a limit changes nothing")
    func givenBackUnlimited() {
        var bucket = TokenBucket()
        let rate = TokenRate(perSecond: 0, burst: 0)
        #expect(bucket.take(at: rate, now: 3) == true)
        bucket.giveBack(at: rate)
        #expect(bucket == TokenBucket())
    }

    @Test("a refused request costs nothing, and the time until the next token is exact")
    func waiting() {
        let rate = TokenRate(perSecond: 4, burst: 1)
        var bucket = TokenBucket()
        #expect(bucket.nanosecondsUntilReady(at: rate, now: 7) == 0)
        #expect(bucket.take(at: rate, now: 7) == true)
        for now: UInt64 in [7, 100, Self.second / 4] {
            let wait = bucket.nanosecondsUntilReady(at: rate, now: now)
            #expect(wait == 7 + Self.second / 4 - now)
            #expect(bucket.take(at: rate, now: now + wait - 1) == false)
        }
        #expect(!bucket.isFull(now: 6 + Self.second / 4))
        #expect(bucket.isFull(now: 7 + Self.second / 4))
        #expect(bucket.take(at: rate, now: 7 + Self.second / 4) == true)
    }

    @Test(
        "a rate that does not divide a second evenly is rounded so that it is never exceeded",
        arguments: [(3, 333_333_334), (7_000_000_000, 1)] as [(Int, UInt64)])
    func rounding(perSecond: Int, wait: UInt64) {
        let rate = TokenRate(perSecond: perSecond, burst: 1)
        var bucket = TokenBucket()
        #expect(bucket.take(at: rate, now: 0) == true)
        #expect(bucket.nanosecondsUntilReady(at: rate, now: 0) == wait)
    }

    @Test("only a full bucket grants more than a burst, and then owes the rest")
    func beyondBurst() {
        let rate = TokenRate(perSecond: 1, burst: 2)
        var bucket = TokenBucket()
        #expect(bucket.take(5, at: rate, now: 0) == true)
        #expect(bucket.nanosecondsUntilReady(at: rate, now: 0) == 4 * Self.second)
        #expect(bucket.take(5, at: rate, now: 5 * Self.second - 1) == false)
        #expect(bucket.take(5, at: rate, now: 5 * Self.second) == true)
    }

    @Test("a rate of 0 is no limit", arguments: [0, -1, .min])
    func off(perSecond: Int) {
        let rate = TokenRate(perSecond: perSecond, burst: 1)
        #expect(rate.isUnlimited)
        var bucket = TokenBucket()
        for _ in 0..<100 { #expect(bucket.take(.max, at: rate, now: 0) == true) }
        #expect(bucket.nanosecondsUntilReady(at: rate, now: 0) == 0)
    }

    @Test(
        "extreme rates, bursts, counts and times do not overflow",
        arguments: [1, 3, 1_000_000_000, 7_000_000_000, .max], [.min, 0, 1, .max])
    func extremes(perSecond: Int, burst: Int) {
        let rate = TokenRate(perSecond: perSecond, burst: burst)
        for now: UInt64 in [0, 1, 1 << 62, .max] {
            var bucket = TokenBucket()
            #expect(bucket.take(at: rate, now: now) == true)
            _ = bucket.take(.max, at: rate, now: now)
            _ = bucket.take(.min, at: rate, now: now)
            _ = bucket.take(at: rate, now: 0)
            #expect(bucket.nanosecondsUntilReady(at: rate, now: .max) <= 1 << 63)
        }
    }

    @Test(
        "over any time a bucket grants its burst plus the refill, within one token",
        arguments: 1...6 as ClosedRange<UInt64>)
    func longRun(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        let (perSecond, burst) = (1 + dice.roll(2_000), 1 + dice.roll(50))
        let rate = TokenRate(perSecond: perSecond, burst: burst)
        var bucket = TokenBucket()
        let start = UInt64(dice.roll(1 << 40))
        var (now, taken) = (start, 0)
        for _ in 0..<5_000 {
            let wait = bucket.nanosecondsUntilReady(at: rate, now: now)
            let isGiven = bucket.take(at: rate, now: now)
            #expect(isGiven == (wait == 0))
            if isGiven { taken += 1 } else { now += UInt64(dice.roll(Int(wait) + 1)) + (dice.roll(2) == 0 ? wait : 0) }
        }
        let earned = burst + Int((now - start) * UInt64(perSecond) / Self.second)
        #expect(taken <= earned)
    }
}
