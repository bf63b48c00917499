import RelayCore
import RelayLimits
import Testing

@Suite("The limit on misses")
struct MissLimiterTests {
    static let minute: UInt64 = 60_000_000_000

    static func client(_ number: UInt32) -> ClientAddress { ClientAddress(ipv4: 0x0101_0000 + number) }

    @Test("a client may use a minute's misses at once, and gets them back evenly")
    func burstAndRefill() {
        var limiter = MissLimiter(perMinute: 6)
        for _ in 0..<6 { #expect(limiter.recordMiss(from: Self.client(1), now: 1) == true) }
        #expect(limiter.recordMiss(from: Self.client(1), now: 1) == false)
        #expect(limiter.recordMiss(from: Self.client(1), now: Self.minute / 6) == false)
        #expect(limiter.recordMiss(from: Self.client(1), now: 1 + Self.minute / 6) == true)
        #expect(limiter.recordMiss(from: Self.client(1), now: 1 + Self.minute / 6) == false)
    }

    @Test("a client is blocked after its last allowed miss until one is refilled, and the check costs nothing")
    func blocked() {
        var limiter = MissLimiter(perMinute: 2)
        #expect(!limiter.isBlocked(Self.client(1), now: 0))
        #expect(limiter.recordMiss(from: Self.client(1), now: 0) == true)
        #expect(!limiter.isBlocked(Self.client(1), now: 0))
        #expect(limiter.recordMiss(from: Self.client(1), now: 0) == true)
        for _ in 0..<5 { #expect(limiter.isBlocked(Self.client(1), now: Self.minute / 2 - 1)) }
        #expect(!limiter.isBlocked(Self.client(1), now: Self.minute / 2))
    }

    @Test("clients are counted separately, and a /64 is one client")
    func separate() throws {
        var limiter = MissLimiter(perMinute: 1)
        #expect(limiter.recordMiss(from: Self.client(1), now: 0) == true)
        #expect(limiter.recordMiss(from: Self.client(2), now: 0) == true)
        let (one, two) = try (#require(ClientAddress("2001:db8::1")), #require(ClientAddress("2001:db8::2")))
        #expect(limiter.recordMiss(from: one, now: 0) == true)
        #expect(limiter.recordMiss(from: two, now: 0) == false)
        #expect(limiter.isBlocked(two, now: 0))
    }

    @Test("local peers are neither limited nor remembered", arguments: ["127.0.0.1", "::1", "10.0.0.7", "fdaa::3"])
    func local(text: String) throws {
        var limiter = MissLimiter(perMinute: 1)
        let address = try #require(ClientAddress(text))
        for _ in 0..<10 { #expect(limiter.recordMiss(from: address, now: 0) == true) }
        #expect(!limiter.isBlocked(address, now: 0))
        #expect(limiter.tracked == 0)
    }

    @Test("0 disables the limit")
    func off() {
        var limiter = MissLimiter(perMinute: 0)
        for _ in 0..<1_000 { #expect(limiter.recordMiss(from: Self.client(1), now: 0) == true) }
        #expect(!limiter.isBlocked(Self.client(1), now: 0))
        #expect(limiter.tracked == 0)
    }

    @Test("when there are too many clients, the one that missed longest ago is forgotten")
    func bounded() {
        var limiter = MissLimiter(perMinute: 1, maxTracked: 3)
        for number: UInt32 in 1...3 {
            #expect(limiter.recordMiss(from: Self.client(number), now: UInt64(number)) == true)
        }
        #expect(limiter.recordMiss(from: Self.client(1), now: 4) == false)
        #expect(limiter.recordMiss(from: Self.client(4), now: 5) == true)
        #expect(limiter.tracked == 3)
        #expect([1, 2, 3, 4].map { limiter.isBlocked(Self.client($0), now: 6) } == [true, false, true, true])
    }

    @Test("the number of remembered clients stays within its limit")
    func flood() {
        var limiter = MissLimiter(perMinute: 240, maxTracked: 100)
        var largest = 0
        for number: UInt32 in 0..<5_000 {
            _ = limiter.recordMiss(from: Self.client(number), now: UInt64(number))
            largest = max(largest, limiter.tracked)
        }
        #expect(largest == 100)
    }

    @Test("clients whose misses have expired are forgotten as others miss")
    func recovered() {
        var limiter = MissLimiter(perMinute: 60)
        for number: UInt32 in 1...10 { _ = limiter.recordMiss(from: Self.client(number), now: 0) }
        #expect(limiter.tracked == 10)
        for _ in 1...5 { _ = limiter.recordMiss(from: Self.client(11), now: Self.minute) }
        #expect(limiter.tracked == 1)
    }
}
