import RelayCore
import RelayLimits
import TestSupport
import Testing

@Suite("The limit on misses")
struct MissLimiterTests {
    static let minute: UInt64 = 60_000_000_000

    static func client(_ number: UInt32) -> Caller { caller(ClientAddress(ipv4: 0x0101_0000 + number)) }

    /// A client in one of the /64 nets of a /48 site.
    static func client(site: UInt64, net: UInt64, host: UInt64 = 1) -> Caller {
        caller(ClientAddress(high: 0x2001_0DB8 << 32 | site << 16 | net, low: host))
    }

    static func caller(_ address: ClientAddress, _ standing: Caller.Standing = .client) -> Caller {
        Caller(address: address, standing: standing, isBounded: true, isForwarded: false)
    }

    /// The misses that a caller may have at one moment.
    static func misses(left limiter: inout MissLimiter, _ caller: Caller, now: UInt64) -> Int {
        var count = 0
        while limiter.pay(caller, now: now) { count += 1 }
        return count
    }

    @Test("a client may use a minute's misses at once, and gets them back evenly")
    func burstAndRefill() {
        var limiter = MissLimiter(perMinute: 6)
        for _ in 0..<6 { #expect(limiter.pay(Self.client(1), now: 1) == true) }
        #expect(limiter.pay(Self.client(1), now: 1) == false)
        #expect(limiter.pay(Self.client(1), now: Self.minute / 6) == false)
        #expect(limiter.pay(Self.client(1), now: 1 + Self.minute / 6) == true)
        #expect(limiter.pay(Self.client(1), now: 1 + Self.minute / 6) == false)
    }

    @Test("the wait for the next miss is exact, and asking for it costs nothing")
    func wait() {
        var limiter = MissLimiter(perMinute: 2)
        #expect(limiter.nanosecondsUntilReady(Self.client(1), now: 0) == 0)
        for _ in 0..<2 { #expect(limiter.pay(Self.client(1), now: 0) == true) }
        for _ in 0..<5 {
            #expect(limiter.nanosecondsUntilReady(Self.client(1), now: 1) == Self.minute / 2 - 1)
        }
        #expect(limiter.nanosecondsUntilReady(Self.client(1), now: Self.minute / 2) == 0)
        #expect(limiter.tracked == 1)
        #expect(limiter.nanosecondsUntilReady(Self.client(2), now: 0) == 0)
        #expect(limiter.tracked == 1)
    }

    @Test("clients are counted separately, and a /64 is one client")
    func separate() throws {
        var limiter = MissLimiter(perMinute: 1)
        #expect(limiter.pay(Self.client(1), now: 0) == true)
        #expect(limiter.pay(Self.client(2), now: 0) == true)
        #expect(limiter.pay(Self.client(site: 1, net: 1, host: 1), now: 0) == true)
        #expect(limiter.pay(Self.client(site: 1, net: 1, host: 2), now: 0) == false)
        #expect(limiter.pay(Self.client(site: 1, net: 2), now: 0) == true)
    }

    @Test("the /64 nets of a /48 have ten times the misses of one together, and other sites have theirs")
    func site() throws {
        var limiter = MissLimiter(perMinute: 240)
        var granted = 0
        for net: UInt64 in 0..<65_536 where limiter.pay(Self.client(site: 7, net: net, host: net), now: 0) {
            granted += 1
        }
        #expect(granted == 2_400)
        #expect(Self.misses(left: &limiter, Self.client(site: 8, net: 1), now: 0) == 240)
        // Ten times as fast as one, too.
        granted = 0
        for net: UInt64 in 0..<65_536 where limiter.pay(Self.client(site: 7, net: net), now: Self.minute / 2) {
            granted += 1
        }
        #expect(granted == 1_200)
    }

    @Test("a miss that the site refuses costs the /64 nothing, and the other way round")
    func bothOrNeither() {
        var limiter = MissLimiter(perMinute: 4)
        for net: UInt64 in 0..<10 { #expect(Self.misses(left: &limiter, Self.client(site: 1, net: net), now: 0) == 4) }
        for net: UInt64 in 10..<20 { #expect(limiter.pay(Self.client(site: 1, net: net), now: 0) == false) }
        // The site has been filled a little; the refused nets still have all of theirs.
        #expect(Self.misses(left: &limiter, Self.client(site: 1, net: 10), now: Self.minute / 10) == 4)
        #expect(Self.misses(left: &limiter, Self.client(site: 1, net: 10), now: Self.minute / 10) == 0)
    }

    @Test("a private address is taken for ten clients, and has no site")
    func crowd() {
        var limiter = MissLimiter(perMinute: 6)
        for address in [ClientAddress(ipv4: 0x0A00_0001), ClientAddress(high: 0xFD00 << 48, low: 1)] {
            let caller = Self.caller(address, .crowd)
            #expect(Self.misses(left: &limiter, caller, now: 0) == 60)
            #expect(limiter.pay(caller, now: Self.minute / 60) == true)
        }
        #expect(limiter.tracked == 2)
    }

    @Test("the operator and siblings are neither limited nor remembered")
    func trusted() {
        var limiter = MissLimiter(perMinute: 1)
        let caller = Self.caller(ClientAddress(high: 0, low: 1), .trusted)
        for _ in 0..<10 { #expect(limiter.pay(caller, now: 0) == true) }
        #expect(limiter.nanosecondsUntilReady(caller, now: 0) == 0)
        limiter.giveBack(.hit, to: caller, now: 0)
        #expect(limiter.tracked == 0)
    }

    @Test("0 disables the limit")
    func off() {
        var limiter = MissLimiter(perMinute: 0)
        for _ in 0..<1_000 { #expect(limiter.pay(Self.client(1), now: 0) == true) }
        #expect(limiter.nanosecondsUntilReady(Self.client(1), now: 0) == 0)
        limiter.giveBack(.unknown, to: Self.client(1), now: 0)
        #expect(limiter.tracked == 0)
    }
}

// MARK: - Giving back

extension MissLimiterTests {
    @Test("a hit is given back to the client and to its site: any number of hits costs nothing")
    func hits() {
        var limiter = MissLimiter(perMinute: 2)
        for number: UInt64 in 0..<1_000 {
            let caller = Self.client(site: 1, net: number % 50)
            #expect(limiter.pay(caller, now: 0) == true)
            limiter.giveBack(.hit, to: caller, now: 0)
        }
        #expect(Self.misses(left: &limiter, Self.client(site: 1, net: 1), now: 0) == 2)
    }

    @Test("hits of a client above its limit are answered at its rate, one after the other")
    func hitsAboveLimit() {
        var limiter = MissLimiter(perMinute: 6)
        #expect(Self.misses(left: &limiter, Self.client(1), now: 0) == 6)
        let later = Self.minute / 6
        for _ in 0..<100 {
            #expect(limiter.pay(Self.client(1), now: later) == true)
            #expect(limiter.pay(Self.client(1), now: later) == false)
            limiter.giveBack(.hit, to: Self.client(1), now: later)
        }
    }

    @Test("searches under way have all been paid for, however many there are at once")
    func atOnce() {
        var limiter = MissLimiter(perMinute: 240)
        let begun = (0..<7_502).count { _ in limiter.pay(Self.client(1), now: 0) }
        #expect(begun == 240)
        for _ in 0..<begun { limiter.giveBack(.hit, to: Self.client(1), now: 1) }
        #expect(Self.misses(left: &limiter, Self.client(1), now: 1) == 240)
    }

    @Test(
        "what nobody could tell is given back up to ten times the limit, and then at its rate")
    func doubts() {
        var limiter = MissLimiter(perMinute: 6)
        var searches = 0
        while limiter.pay(Self.client(1), now: 0) {
            limiter.giveBack(.unknown, to: Self.client(1), now: 0)
            searches += 1
        }
        #expect(searches == 66)
        // The next minutes bring six paid ones and six that are given back each.
        searches = 0
        for step: UInt64 in 1...60 {
            while limiter.pay(Self.client(1), now: step * Self.minute / 6) {
                limiter.giveBack(.unknown, to: Self.client(1), now: step * Self.minute / 6)
                searches += 1
            }
        }
        #expect(searches == 120)
    }

    @Test("what is given back to an address that was forgotten makes no entry")
    func forgotten() {
        var limiter = MissLimiter(perMinute: 1, maxTracked: 1)
        #expect(limiter.pay(Self.client(1), now: 0) == true)
        #expect(limiter.pay(Self.client(2), now: 0) == true)
        limiter.giveBack(.hit, to: Self.client(1), now: 0)
        #expect(limiter.tracked == 1)
        #expect(limiter.nanosecondsUntilReady(Self.client(2), now: 0) > 0)
    }

    @Test(
        "in any order of events no client has more misses than its limit and the refill",
        arguments: 1...4 as ClosedRange<UInt64>)
    func model(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var limiter = MissLimiter(perMinute: 60)
        var now: UInt64 = 0
        var kept = [Int](repeating: 0, count: 4)
        var pending = [Int](repeating: 0, count: 4)
        for _ in 0..<20_000 {
            now += UInt64(dice.roll(20_000_000))
            let number = dice.roll(kept.count)
            let caller = Self.client(UInt32(number))
            switch dice.roll(3) {
            case 0 where pending[number] > 0:
                pending[number] -= 1
                limiter.giveBack(.hit, to: caller, now: now)
            case 1 where pending[number] > 0:
                pending[number] -= 1
                kept[number] += 1
            default:
                if limiter.pay(caller, now: now) { pending[number] += 1 }
            }
            let most = 60 + Int(now / 1_000_000_000)
            #expect(kept[number] + pending[number] <= most)
        }
        // The limit was felt.
        #expect(kept.allSatisfy { $0 > 100 })
    }
}

// MARK: - The table

extension MissLimiterTests {
    @Test("when there are too many clients, of those that missed longest ago the one that owes least is forgotten")
    func bounded() {
        var limiter = MissLimiter(perMinute: 2, maxTracked: 3)
        for _ in 0..<2 { #expect(limiter.pay(Self.client(1), now: 1) == true) }
        for number: UInt32 in 2...3 { #expect(limiter.pay(Self.client(number), now: UInt64(number)) == true) }
        #expect(limiter.pay(Self.client(4), now: 4) == true)
        #expect(limiter.tracked == 3)
        // The second owed least.
        #expect(Self.misses(left: &limiter, Self.client(1), now: 5) == 0)
        #expect(Self.misses(left: &limiter, Self.client(3), now: 5) == 1)
    }

    @Test("nobody gets rid of what it owes by misses from thousands of other addresses")
    func washing() {
        var limiter = MissLimiter(perMinute: 240, maxTracked: 1_000)
        #expect(Self.misses(left: &limiter, Self.client(0), now: 0) == 240)
        for number: UInt32 in 1...50_000 { #expect(limiter.pay(Self.client(number), now: UInt64(number)) == true) }
        #expect(limiter.tracked == 1_000)
        #expect(Self.misses(left: &limiter, Self.client(0), now: 50_001) == 0)
    }

    @Test("a site is not forgotten for its own nets")
    func washingSites() {
        var limiter = MissLimiter(perMinute: 10, maxTracked: 20)
        var granted = 0
        for net: UInt64 in 0..<10_000 where limiter.pay(Self.client(site: 1, net: net), now: net) { granted += 1 }
        #expect(granted == 100)
    }

    @Test("the number of remembered clients stays within its limit")
    func flood() {
        var limiter = MissLimiter(perMinute: 240, maxTracked: 100)
        var largest = 0
        for number: UInt64 in 0..<5_000 {
            _ = limiter.pay(Self.client(site: number / 3, net: number), now: number)
            largest = max(largest, limiter.tracked)
        }
        #expect(largest == 100)
    }

    @Test("clients whose misses have expired are forgotten as others miss")
    func recovered() {
        var limiter = MissLimiter(perMinute: 60)
        for number: UInt32 in 1...10 { _ = limiter.pay(Self.client(number), now: 0) }
        #expect(limiter.tracked == 10)
        for _ in 1...5 { _ = limiter.pay(Self.client(11), now: Self.minute) }
        #expect(limiter.tracked == 1)
    }
}
