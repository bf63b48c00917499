internal import RelayLimits

/// A limit on the unknown codes that one client may try, so that nobody finds a room by guessing.
///
/// A miss is paid for before anybody looks, so that many at once are no way around it. What turns out to be a hit is
/// given back: ten phones behind one address that all know their room are never held up. Whoever is above its limit
/// must get no answer that depends on the code.
package struct MissLimiter: Sendable {
    /// The buckets of one address.
    private struct Account {
        var misses = TokenBucket()
        /// The misses given back because nobody could tell. Without a bound, guessing would be free while nobody can.
        var doubts = TokenBucket()

        func isRecovered(now: UInt64) -> Bool { misses.isFull(now: now) && doubts.isFull(now: now) }

        func debt(now: UInt64) -> UInt64 {
            max(misses.nanosecondsUntilFull(now: now), doubts.nanosecondsUntilFull(now: now))
        }
    }

    /// What is known of a code that a miss was paid for.
    package enum Outcome: Hashable, Sendable {
        case hit
        /// Nobody could tell whether there is such a room.
        case unknown
    }

    /// The rates at which one address may miss.
    private struct Rates {
        let misses: TokenRate
        let doubts: TokenRate

        init(perMinute: Int) {
            misses = TokenRate(perMinute: perMinute, burst: perMinute)
            doubts = TokenRate(perMinute: perMinute, burst: times(MissLimiter.crowdSize, perMinute))
        }
    }

    /// An address that misses count for, and the rates that it is held to.
    private struct Key {
        let address: ClientAddress
        let rates: Rates
    }

    /// The number of clients that a private address, or a /48, is taken for.
    private static let crowdSize = 10
    /// The entries among which the one to forget is chosen.
    private static let candidates = 8

    private let single: Rates
    private let crowd: Rates
    private let maxTracked: Int
    private var accounts = RecencyTable<ClientAddress, Account>()

    /// Allows one client `perMinute` misses at once, and refills them evenly over a minute; 0 sets no limit.
    package init(perMinute: Int, maxTracked: Int = 10_000) {
        precondition(maxTracked >= 1, "a limiter remembers at least one client")
        single = Rates(perMinute: perMinute)
        crowd = Rates(perMinute: times(MissLimiter.crowdSize, perMinute))
        self.maxTracked = maxTracked
    }

    /// The number of addresses that are remembered.
    package var tracked: Int { accounts.count }

    /// Nanoseconds until this caller may miss again; 0 if it may.
    package func nanosecondsUntilReady(_ caller: Caller, now: UInt64) -> UInt64 {
        keys(of: caller).reduce(0) { wait, key in
            guard let account = accounts.value(of: key.address) else { return wait }
            return max(wait, account.misses.nanosecondsUntilReady(at: key.rates.misses, now: now))
        }
    }

    /// Pays for a miss; false if the caller is above its limit.
    package mutating func pay(_ caller: Caller, now: UInt64) -> Bool {
        guard nanosecondsUntilReady(caller, now: now) == 0 else { return false }
        forgetRecovered(now: now)
        for key in keys(of: caller) {
            change(key.address, now: now) { _ = $0.misses.take(at: key.rates.misses, now: now) }
        }
        return true
    }

    /// Gives back what was paid for a code that was no miss; of the unknown ones only so many.
    package mutating func giveBack(_ outcome: Outcome, to caller: Caller, now: UInt64) {
        for key in keys(of: caller) {
            guard let handle = accounts.handle(of: key.address) else { continue }
            _ = accounts.touch(handle) { account in
                guard outcome == .hit || account.doubts.take(at: key.rates.doubts, now: now) else { return }
                account.misses.giveBack(at: key.rates.misses)
            }
        }
    }

    /// The addresses that a caller's misses count for: its own, and the site of an IPv6 client.
    private func keys(of caller: Caller) -> [Key] {
        guard !single.misses.isUnlimited else { return [] }
        let own = caller.address.limitKey
        switch caller.standing {
        case .trusted: return []
        case .crowd: return [Key(address: own, rates: crowd)]
        case .client:
            let site = caller.address.siteKey.map { Key(address: $0, rates: crowd) }
            return [Key(address: own, rates: single)] + (site.map { [$0] } ?? [])
        }
    }
}

// MARK: - The table

extension MissLimiter {
    private mutating func change(_ address: ClientAddress, now: UInt64, _ change: (inout Account) -> Void) {
        if let handle = accounts.handle(of: address) {
            _ = accounts.touch(handle, change)
            return
        }
        if accounts.count >= maxTracked { forgetOne(now: now) }
        var account = Account()
        change(&account)
        _ = accounts.insert(account, for: address)
    }

    /// Forgets, of the addresses that missed longest ago, the one that owes least.
    ///
    /// So nobody gets rid of what it owes by a few misses from each of many other addresses: they are forgotten first.
    private mutating func forgetOne(now: UInt64) {
        var least: (key: ClientAddress, value: Account)?
        for _ in 0..<min(MissLimiter.candidates, accounts.count) {
            guard var candidate = accounts.removeOldest() else { break }
            if let other = least {
                if candidate.value.debt(now: now) < other.value.debt(now: now) {
                    least = candidate
                    candidate = other
                }
                _ = accounts.insert(candidate.value, for: candidate.key)
            } else {
                least = candidate
            }
        }
    }

    /// Drops up to two addresses that owe nothing any more, so the table shrinks faster than it grows.
    private mutating func forgetRecovered(now: UInt64) {
        for _ in 0..<2 {
            guard let oldest = accounts.oldestValue, oldest.isRecovered(now: now) else { return }
            _ = accounts.removeOldest()
        }
    }
}

private func times(_ factor: Int, _ count: Int) -> Int {
    let (product, overflow) = count.multipliedReportingOverflow(by: factor)
    return overflow ? .max : product
}
