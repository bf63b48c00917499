/// The owners of a room's slots: who holds which, for the room's life.
///
/// A clientId is kept as its keyed hash of 128 bits. That is 16 bytes for each slot however long the ids are, and the
/// secret itself is not kept. The owners stand in the order of their slots; beyond a few, an index finds the slot of an
/// owner. All in all a slot takes 24 to 40 bytes.
@usableFromInline
package struct SlotTable: Sendable {
    /// Up to so many owners are compared one by one, which takes less time than an index, and no memory.
    private static let scannedAtMost = 32
    /// An index can name no more.
    static let largestCount = Int(Int32.max)
    /// In the place of an owner: the slot belongs to nobody. No clientId has this hash but by a chance of one in 2^128.
    package static let nobody = SipHash.Digest(first: 0, second: 0)

    let hash: SipHash
    /// By slot.
    @usableFromInline private(set) var owners: [SipHash.Digest] = []
    /// A hash table with linear probing: each place holds the index of a slot and 1, or 0 for none. Empty as long as the
    /// owners are scanned, else a power of two. The owners are hashes under a secret key, so their own low bits serve.
    @usableFromInline private(set) var index: [UInt32] = []
    /// Places of the index that name a slot for an owner that it no longer has: they are passed over, as any other.
    private var outdated = 0

    /// - Parameter hash: with a key that no client knows.
    package init(hash: SipHash) {
        self.hash = hash
    }

    /// A table as it was on another machine, or before a restart.
    ///
    /// - Parameter owners: in the order of their slots, each but `nobody` once.
    init(hash: SipHash, owners: [SipHash.Digest]) {
        self.hash = hash
        self.owners.reserveCapacity(owners.count)
        for owner in owners {
            // The index knows no slot that belongs to nobody.
            if owner == SlotTable.nobody { self.owners.append(owner) } else { _ = assign(owner) }
        }
    }

    /// The number of slots given so far, and so the index of the next one.
    @usableFromInline package var count: Int { owners.count }

    /// The name under which the table knows a client.
    @usableFromInline
    package func owner(_ clientID: ClientID) -> SipHash.Digest {
        hash.digest(of: clientID.bytes.span)
    }

    /// The slot of this owner, or nil if it has none.
    @usableFromInline
    package func slot(of owner: SipHash.Digest) -> Slot? {
        if index.isEmpty { return owners.firstIndex(of: owner).map { Slot($0) } }
        var place = firstPlace(of: owner)
        while index[place] != 0 {
            let slot = Int(index[place]) - 1
            if owners[slot] == owner { return Slot(slot) }
            place = nextPlace(after: place)
        }
        return nil
    }

    /// Gives the next slot to an owner that has none.
    @usableFromInline
    package mutating func assign(_ owner: SipHash.Digest) -> Slot {
        precondition(owners.count < SlotTable.largestCount, "a room bounds its slots")
        let slot = owners.count
        owners.append(owner)
        if owners.count > SlotTable.scannedAtMost { addToIndex(slot) }
        return Slot(slot)
    }

    /// The owner of a slot, or nil if it belongs to nobody.
    func ownerIfAny(of slot: Slot) -> SipHash.Digest? {
        owners[slot.index] == SlotTable.nobody ? nil : owners[slot.index]
    }

    /// Gives a slot to an owner that has none. Who had it before has none then.
    mutating func give(_ slot: Slot, to owner: SipHash.Digest) {
        abandon(slot)
        owners[slot.index] = owner
        if !index.isEmpty { addToIndex(slot.index) }
    }

    /// Takes a slot from its owner.
    mutating func abandon(_ slot: Slot) {
        guard owners[slot.index] != SlotTable.nobody else { return }
        owners[slot.index] = SlotTable.nobody
        if !index.isEmpty { outdated += 1 }
    }

    /// The memory that the table takes on the heap.
    @inlinable
    package var heldBytes: Int { HeapBlock.bytes(of: owners) + HeapBlock.bytes(of: index) }
}

// MARK: - The index

extension SlotTable {
    private func firstPlace(of owner: SipHash.Digest) -> Int {
        Int(truncatingIfNeeded: owner.first) & (index.count - 1)
    }

    private func nextPlace(after place: Int) -> Int {
        (place + 1) & (index.count - 1)
    }

    private mutating func addToIndex(_ slot: Int) {
        // A quarter stays empty, so that a search soon meets an empty place.
        if owners.count + outdated > index.count / 4 * 3 {
            // Filled anew: the old index need not be kept meanwhile.
            let isOutgrown = owners.count > index.count / 2
            let size = max(isOutgrown ? 2 * index.count : index.count, 2 * SlotTable.scannedAtMost)
            index = []
            index = [UInt32](repeating: 0, count: size)
            outdated = 0
            for slot in owners.indices where owners[slot] != SlotTable.nobody { put(slot) }
        } else {
            put(slot)
        }
    }

    private mutating func put(_ slot: Int) {
        var place = firstPlace(of: owners[slot])
        while index[place] != 0 { place = nextPlace(after: place) }
        index[place] = UInt32(slot + 1)
    }
}
