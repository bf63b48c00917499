import TestSupport
import Testing

@testable import RelayCore

@Suite("The owners of slots")
struct SlotTableTests {
    /// Owners of whom many begin with the same bits, so that they want the same place of the index.
    private static func owner(_ dice: inout SeededGenerator, alike: Bool) -> SipHash.Digest {
        let first: UInt64 = dice.next()
        return SipHash.Digest(first: alike ? first & 3 : first, second: dice.next())
    }

    @Test(
        "each owner has the slot that it was given, and nobody else has one",
        arguments: [false, true], [1, 2, 31, 32, 33, 34, 48, 49, 500, 3_000])
    func finds(alike: Bool, count: Int) {
        var dice = SeededGenerator(seed: UInt64(count))
        var table = SlotTable(hash: RoomTests.hash)
        var slots: [SipHash.Digest: Slot] = [:]
        for index in 0..<count {
            let owner = Self.owner(&dice, alike: alike)
            #expect(table.slot(of: owner) == nil)
            #expect(table.assign(owner) == Slot(index))
            #expect(table.slot(of: owner) == Slot(index))
            slots[owner] = Slot(index)
        }
        #expect(table.count == count)
        for (owner, slot) in slots { #expect(table.slot(of: owner) == slot) }
        for _ in 0..<100 { #expect(table.slot(of: Self.owner(&dice, alike: alike)) == nil) }
    }

    @Test("owners that differ in one half of their hash are different", arguments: [1, 40])
    func halves(count: Int) {
        var table = SlotTable(hash: RoomTests.hash)
        for index in 0..<count { _ = table.assign(SipHash.Digest(first: 9, second: UInt64(index))) }
        #expect(table.slot(of: SipHash.Digest(first: 9, second: 0)) == .host)
        #expect(table.slot(of: SipHash.Digest(first: 8, second: 0)) == nil)
        #expect(table.slot(of: SipHash.Digest(first: 9, second: .max)) == nil)
        #expect(table.slot(of: SipHash.Digest(first: 9 | 1 << 63, second: 0)) == nil)
    }

    @Test(
        "slots that change their owners are found by the new ones alone, however often that happens",
        arguments: [false, true], [1, 8, 32, 33, 60, 500])
    func givesAway(alike: Bool, count: Int) {
        var dice = SeededGenerator(seed: UInt64(count))
        var table = SlotTable(hash: RoomTests.hash)
        var owners: [SipHash.Digest?] = []
        var former: [SipHash.Digest] = []
        for round in 0..<(4 * count + 200) {
            let slot = dice.roll(max(owners.count, 1))
            if owners.count < count {
                let owner = Self.owner(&dice, alike: alike)
                #expect(table.assign(owner) == Slot(owners.count))
                owners.append(owner)
            } else if dice.roll(3) == 0 {
                table.abandon(Slot(slot))
                if let owner = owners[slot] { former.append(owner) }
                owners[slot] = nil
            } else {
                // Now and then somebody who had a slot before gets one again.
                let isReturn = !former.isEmpty && dice.roll(4) == 0
                let owner = isReturn ? former.removeLast() : Self.owner(&dice, alike: alike)
                if let old = owners[slot] { former.append(old) }
                table.give(Slot(slot), to: owner)
                owners[slot] = owner
            }
            guard round % 7 == 0 else { continue }
            for (index, owner) in owners.enumerated() {
                if let owner { #expect(table.slot(of: owner) == Slot(index)) }
                #expect(table.ownerIfAny(of: Slot(index)) == owner)
            }
            for owner in former { #expect(table.slot(of: owner) == nil) }
        }
        #expect(table.heldBytes / count <= 200)
        #expect(SlotTable(hash: table.hash, owners: table.owners).owners == table.owners)
    }

    @Test("two tables know the same client under different names, unless they have the same key")
    func keys() {
        let id = RoomTests.id("client")
        let names = [(1, 2), (1, 3), (2, 2), (2, 1)].map { (key: (UInt64, UInt64)) in
            SlotTable(hash: SipHash(key0: key.0, key1: key.1)).owner(id)
        }
        #expect(Set(names).count == 4)
        #expect(SlotTable(hash: RoomTests.hash).owner(id) == RoomTests.hash.digest(of: id.bytes.span))
    }

    @Test("a slot takes no more than so many bytes", arguments: [(1, 80), (8, 40), (32, 40), (33, 60), (100, 50)])
    func fewBytes(count: Int, bound: Int) {
        #expect(Self.bytesPerSlot(count) <= bound)
    }

    @Test("the same holds at every size of a large room")
    func fewBytesWhenLarge() {
        for count in stride(from: 150, to: 9_000, by: 50) { #expect(Self.bytesPerSlot(count) <= 50, "\(count)") }
    }

    private static func bytesPerSlot(_ count: Int) -> Int {
        var dice = SeededGenerator(seed: 1)
        var table = SlotTable(hash: RoomTests.hash)
        for _ in 0..<count { _ = table.assign(owner(&dice, alike: false)) }
        // Never less than the hashes themselves.
        #expect(table.heldBytes >= 16 * count)
        return table.heldBytes / count
    }
}
