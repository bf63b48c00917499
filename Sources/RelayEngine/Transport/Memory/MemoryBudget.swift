/// One loop's share in the bound on the memory of all buffers, and the choice of who goes when it is passed.
struct MemoryBudget {
    /// Of all loops together; 0 for no bound.
    private let maxBytes: Int
    private let loop: Int
    private let ledger: BufferLedger
    /// Connections that have gone since free memory was last given back.
    private var goneSinceTrim = 0

    init(maxBytes: Int, loop: Int, ledger: BufferLedger) {
        self.maxBytes = maxBytes
        self.loop = loop
        self.ledger = ledger
    }

    /// Takes note of what this loop now holds.
    func record(_ bytes: Int) {
        ledger.record(bytes, of: loop)
    }

    var isExceeded: Bool { maxBytes > 0 && ledger.total > maxBytes }

    /// The loop that is to shed load: the one that holds most, unless it has been asked and has not yet begun.
    func loopToShed() -> Int? {
        let heaviest = ledger.heaviest
        return heaviest == loop || ledger.askToShed(heaviest) ? heaviest : nil
    }

    /// Begins to shed load.
    ///
    /// - Returns: how many bytes are to go, until an eighth of the bound is free again: so this is rare even when somebody
    ///   fills it on purpose.
    func beginShedding() -> Int {
        ledger.beginsToShed(loop)
        return maxBytes > 0 ? ledger.total - maxBytes / 8 * 7 : 0
    }

    /// The places of those that are to go: who holds most first, and no more of them than must.
    static func heaviest(of held: [Int], until excess: Int) -> [Int] {
        var chosen: [Int] = []
        var rest = excess
        for place in held.indices.sorted(by: { held[$0] > held[$1] }) {
            guard rest > 0, held[place] > 0 else { break }
            rest -= held[place]
            chosen.append(place)
        }
        return chosen
    }

    /// - Returns: whether it is time to give the memory of those that have gone back to the system.
    mutating func connectionGone() -> Bool {
        goneSinceTrim += 1
        return goneSinceTrim == TransportSettings.connectionsPerTrim
    }

    mutating func trimmed() {
        goneSinceTrim = 0
    }
}
