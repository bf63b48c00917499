internal import RelayLimits

extension Room {
    /// Throws if a client that is new to the room gets no slot for now, or never.
    ///
    /// A slot outlives its connection. So whoever knows the code could fill memory, and close the room to newcomers for
    /// ever, by joining with new ids and leaving again: hence a bound that no party reaches, and a rate at which even
    /// somebody who tries needs hours to reach it.
    @usableFromInline
    mutating func admitNewcomer(mayGrow: Bool, now: UInt64) throws(JoinRefusal) {
        guard slots.count < slotLimit else { throw .outOfSlots }
        guard mayGrow else { throw .outOfMemory }
        let rate = TokenRate(perSecond: NewSlots.perSecond, burst: newSlotBurst)
        guard newcomers.take(at: rate, now: now) else { throw .tooManyNewcomers }
    }

    /// The most slots that the room assigns in its life.
    package var slotLimit: Int {
        min(max(NewSlots.fewestInLife, maxClients.times(NewSlots.inLifeForEachPlace)), SlotTable.largestCount)
    }

    /// The slots that the room assigns at once, before it does so at a rate.
    package var newSlotBurst: Int {
        max(NewSlots.smallestBurst, maxClients.times(NewSlots.burstForEachPlace))
    }
}

/// How many new slots a room gives out.
package enum NewSlots {
    /// The bound for a room's life, unless it is so large that `inLifeForEachPlace` makes more.
    package static let fewestInLife = 65_536
    package static let inLifeForEachPlace = 16
    /// All places filled, and all once more with new ids, as when a page that stores none is loaded again everywhere.
    package static let burstForEachPlace = 2
    package static let smallestBurst = 64
    package static let perSecond = 8
}

extension Int {
    /// The product of two numbers that are not negative, or the largest number if it is larger than that.
    fileprivate func times(_ factor: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}
