import RelayCore
import TestSupport
import Testing

@Suite("The memory of a room")
struct RoomMemoryTests {
    @Test(
        "a block on the heap has a header, comes in steps of 16 bytes, and in pages if it is large",
        arguments: [
            (0, 32), (1, 32), (24, 32), (25, 48), (40, 48), (41, 64), (16_416, 16_432), (65_535, 65_552),
            (65_536, 69_632), (69_616, 69_632), (69_617, 73_728),
        ])
    func blocks(requested: Int, bytes: Int) {
        #expect(HeapBlock.bytes(requested: requested) == bytes)
    }

    @Test(
        "a text of up to 15 bytes takes no memory of its own",
        arguments: [("", 0), ("123456789012345", 0), ("1234567890123456", 64), ("\u{E9}\u{E9}\u{E9}\u{E9}", 0)])
    func strings(text: String, bytes: Int) {
        #expect(HeapBlock.bytes(of: text) == bytes)
    }

    @Test("an array takes memory for all that it has room for, and none if that is nothing")
    func arrays() {
        #expect(HeapBlock.bytes(of: [Int]()) == 0)
        #expect(HeapBlock.bytes(ofArrayWith: 0, of: Int.self) == 0)
        var numbers = [1, 2, 3]
        numbers.reserveCapacity(1_000)
        #expect((8_000...8_300).contains(HeapBlock.bytes(of: numbers)))
    }

    @Test("url, snapshot, slots and seats are counted, and departures free none of it")
    func counts() throws {
        func room(url: String?) -> Room<Int> {
            Room(
                code: RoomCode(home: nil, random: 7), maxClients: 1_000, url: url, host: RoomTests.id("host"),
                member: 0,
                hash: RoomTests.hash)
        }
        // The heap may give an array a little more than it needs.
        let url = room(url: String(repeating: "x", count: 512)).heldBytes - room(url: nil).heldBytes
        #expect((512...624).contains(url))
        var one = room(url: nil)
        let empty = one.heldBytes
        #expect((64...160).contains(empty))
        for index in 1..<1_000 { _ = try one.join(RoomTests.id("guest \(index)"), as: index) }
        let full = one.heldBytes
        #expect((1_000 * 32...1_000 * 80).contains(full))
        for index in 1..<1_000 { _ = one.leave(Slot(index), .goodbye, now: 0) }
        #expect(one.heldBytes == full)
        try one.setState([UInt8](repeating: 0, count: 16_384), by: .host)
        #expect((16_384...16_500).contains(one.heldBytes - full))
        try one.setState([UInt8](repeating: 0, count: 8), by: .host)
        #expect((8...64).contains(one.heldBytes - full))
    }

    @Test("the growth by a snapshot is known before it is kept", arguments: 1...8 as ClosedRange<UInt64>)
    func snapshotGrowth(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        var room = RoomTests.room()
        for _ in 0..<100 {
            let data = dice.bytes(1 + dice.roll([10, 1_000, 60_000][dice.roll(3)]))
            let (before, growth) = (room.heldBytes, room.growth(bySnapshotOf: data.count))
            // In as little memory as it needs.
            try room.setState(unsafe data.withUnsafeBytes { unsafe Array($0) }, by: .host)
            // The allocator may give away a step more, where too little would be left of a block.
            #expect(abs(room.heldBytes - before - growth) <= 16)
        }
    }
}
