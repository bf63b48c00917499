import RelayCore
import Testing

@Suite("The limit on takeovers of a slot")
struct TakeoverLimiterTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("a slot may be taken over ten times at once, and then once a second")
    func burstAndRefill() {
        var limiter = TakeoverLimiter()
        for _ in 0..<10 { #expect(limiter.take(Slot(3), now: 5) == true) }
        for now: UInt64 in [5, Self.second, 4 + Self.second] { #expect(limiter.take(Slot(3), now: now) == false) }
        for number: UInt64 in 1...20 {
            #expect(limiter.take(Slot(3), now: 5 + number * Self.second) == true)
            #expect(limiter.take(Slot(3), now: 5 + number * Self.second) == false)
        }
        for _ in 0..<10 { #expect(limiter.take(Slot(3), now: 60 * Self.second) == true) }
        #expect(limiter.take(Slot(3), now: 60 * Self.second) == false)
    }

    @Test("slots are counted separately")
    func separate() {
        var limiter = TakeoverLimiter()
        for _ in 0..<11 { _ = limiter.take(Slot(1), now: 0) }
        #expect(limiter.take(Slot(1), now: 0) == false)
        #expect(limiter.take(Slot(2), now: 0) == true)
    }

    @Test("only slots that were taken over a moment ago are remembered")
    func bounded() {
        var limiter = TakeoverLimiter()
        var largest = 0
        for number in 0..<10_000 {
            #expect(limiter.take(Slot(number), now: UInt64(number) * Self.second / 10) == true)
            largest = max(largest, limiter.tracked)
        }
        // A takeover is forgotten after a second, so ten slots are remembered, and twice as many before the next look.
        #expect(largest <= 24)
    }

    @Test("a slot that owes takeovers is not forgotten for others")
    func owing() {
        var limiter = TakeoverLimiter()
        for _ in 0..<10 { _ = limiter.take(Slot(0), now: 0) }
        for number in 1...1_000 { _ = limiter.take(Slot(number), now: UInt64(number)) }
        #expect(limiter.take(Slot(0), now: 2_000) == false)
    }
}
