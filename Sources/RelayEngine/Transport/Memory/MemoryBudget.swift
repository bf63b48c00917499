/// One loop's share in the bound on the memory of all buffers, and the choice of connections to close above it.
struct MemoryBudget {
    /// The bound for all loops together; 0 for none.
    private let maxBytes: Int
    private let loop: Int
    private let ledger: BufferLedger
    /// Connections closed since free memory was last given back.
    private var goneSinceTrim = 0

    init(maxBytes: Int, loop: Int, ledger: BufferLedger) {
        self.maxBytes = maxBytes
        self.loop = loop
        self.ledger = ledger
    }

    /// Records the bytes that this loop holds now.
    func record(_ bytes: Int) {
        ledger.record(bytes, of: loop)
    }

    var isExceeded: Bool { maxBytes > 0 && ledger.total > maxBytes }

    /// The loop that must shed load: the one that holds most, unless it has been asked and has not yet begun.
    func loopToShed() -> Int? {
        let heaviest = ledger.heaviest
        return heaviest == loop || ledger.askToShed(heaviest) ? heaviest : nil
    }

    /// Begins to shed load.
    ///
    /// - Returns: the bytes to free until an eighth of the bound is unused again, so that shedding stays rare even when
    ///   clients fill it on purpose.
    func beginShedding() -> Int {
        ledger.beginsToShed(loop)
        return maxBytes > 0 ? ledger.total - maxBytes / 8 * 7 : 0
    }

    /// The indices of the connections to close: the largest holders first, and no more than needed.
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

    /// - Returns: true if it is time to give the memory of closed connections back to the system.
    mutating func connectionGone() -> Bool {
        goneSinceTrim += 1
        return goneSinceTrim == TransportSettings.connectionsPerTrim
    }

    mutating func trimmed() {
        goneSinceTrim = 0
    }
}
