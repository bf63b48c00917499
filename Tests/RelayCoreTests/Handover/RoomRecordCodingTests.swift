import TestSupport
import Testing

@testable import RelayCore

@Suite("A room's record as bytes")
struct RoomRecordCodingTests {
    @Test("a record is what it was after its way through bytes", arguments: 1...200 as ClosedRange<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let record = RoomRecord.random(&dice)
        let bytes = record.encoded()
        #expect(bytes.count == record.encodedLength)
        let decoded = try RoomRecord(decoding: bytes.span, of: record.code)
        #expect(decoded == record)
        // Strings are equal in more than one spelling; what travels is the bytes.
        #expect(decoded.origin.utf8.elementsEqual(record.origin.utf8))
        #expect(decoded.url.map { Array($0.utf8) } == record.url.map { Array($0.utf8) })
    }

    @Test("the bytes are those of the format's description")
    func format() throws {
        let record = RoomRecord(
            code: try #require(RoomCode("111112")), maxClients: 0x0102, url: "u", holdSeconds: 3, origin: "o",
            hash: SipHash(key0: 1, key1: 2), owners: [SipHash.Digest(first: 3, second: 4)],
            held: [RoomRecord.HeldPlace(slot: .host, seconds: 30)], snapshot: [UInt8(ascii: "7")])
        func word(_ low: UInt8) -> [UInt8] { [low, 0, 0, 0, 0, 0, 0, 0] }
        let fields: [[UInt8]] = [
            [1, 6, 0, 0, 0] + Array("111112".utf8), [2, 8, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0],
            [3, 4, 0, 0, 0, 3, 0, 0, 0], [4, 1, 0, 0, 0, UInt8(ascii: "o")], [5, 16, 0, 0, 0] + word(1) + word(2),
            [6, 16, 0, 0, 0] + word(3) + word(4), [7, 8, 0, 0, 0, 0, 0, 0, 0, 30, 0, 0, 0],
            [8, 1, 0, 0, 0, UInt8(ascii: "u")], [9, 1, 0, 0, 0, UInt8(ascii: "7")],
        ]
        #expect(record.encoded() == [1, 106, 0, 0, 0] + fields.joined())
    }

    @Test("a record that ends too early, wherever that is, is none")
    func truncated() {
        var dice = SeededGenerator(seed: 7)
        for _ in 0..<20 {
            var record = RoomRecord.random(&dice)
            record.owners = Array(record.owners.prefix(3))
            record.held = record.held.filter { $0.slot.index < record.owners.count }
            record.snapshot = record.snapshot.map { _ in Array("[1]".utf8) }
            let bytes = record.encoded()
            for count in bytes.indices {
                #expect(throws: RoomRecordError.truncated) {
                    try RoomRecord(decoding: bytes.span.extracting(..<count))
                }
            }
        }
    }

    @Test(
        "whatever happens to the bytes: they are refused, or are the encoding of the record that they are read as",
        arguments: 1...40 as ClosedRange<UInt64>)
    func damaged(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var record = RoomRecord.random(&dice)
        record.owners = Array(record.owners.prefix(40))
        record.held = record.held.filter { $0.slot.index < record.owners.count }
        if (record.snapshot?.count ?? 0) > 100 { record.snapshot = nil }
        let whole = record.encoded()
        for _ in 0..<400 {
            var bytes = whole
            for _ in 0...dice.roll(3) { bytes.damage(&dice) }
            guard let read = try? RoomRecord(decoding: bytes.span) else { continue }
            #expect(read.encoded() == bytes)
        }
    }

    @Test("random bytes are no record, and no trap", arguments: 1...20 as ClosedRange<UInt64>)
    func noise(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let noise = dice.bytes(dice.roll(120))
            var headed: [UInt8] = [RoomRecord.formatVersion]
            headed.append(littleEndian: UInt32(noise.count))
            for bytes in [noise, headed + noise] {
                #expect(throws: RoomRecordError.self) { try RoomRecord(decoding: bytes.span) }
            }
        }
    }

    @Test("a later version is refused, whatever follows", arguments: [0, 2, 3, 255] as [UInt8])
    func versions(version: UInt8) {
        for rest in [[], [1, 2, 3], [UInt8](repeating: 0xFF, count: 1_000)] {
            let bytes = [version] + rest
            #expect(throws: RoomRecordError.unknownVersion(version)) { try RoomRecord(decoding: bytes.span) }
        }
    }

    @Test("a record beyond the largest size is refused by its size alone")
    func largest() throws {
        var dice = SeededGenerator(seed: 3)
        var record = RoomRecord.random(&dice)
        let spare = RoomRecord.maximumEncodedBytes - record.encodedLength
        for _ in 0..<(spare / 16) {
            record.owners.append(SipHash.Digest(first: dice.next(), second: dice.next()))
        }
        let bytes = record.encoded()
        #expect(try RoomRecord(decoding: bytes.span) == record)
        record.owners.append(SipHash.Digest(first: dice.next(), second: dice.next()))
        let larger = record.encoded()
        #expect(larger.count == record.encodedLength && larger.count > RoomRecord.maximumEncodedBytes)
        #expect(throws: RoomRecordError.tooLarge) { try RoomRecord(decoding: larger.span) }
    }

    @Test("a record of another room is told apart")
    func otherRoom() throws {
        var dice = SeededGenerator(seed: 5)
        let bytes = RoomRecord.random(&dice).encoded()
        let other = RoomCode(home: nil, random: dice.next())
        #expect(throws: RoomRecordError.otherRoom) { try RoomRecord(decoding: bytes.span, of: other) }
    }
}

extension [UInt8] {
    /// Changes, adds, removes or moves a few bytes; the length that the record gives may be put right again.
    fileprivate mutating func damage(_ dice: inout SeededGenerator) {
        guard count > 5 else { return }
        let place = dice.roll(count)
        switch dice.roll(6) {
        case 0: self[place] ^= 1 << UInt8(dice.roll(8))
        case 1: self[place] = [0, 1, 0x7F, 0x80, 0xFF][dice.roll(5)]
        case 2: insert(UInt8(truncatingIfNeeded: dice.next()), at: place)
        case 3: remove(at: place)
        case 4: removeLast(Swift.min(dice.roll(30), count - 5))
        default: append(contentsOf: self[place...].prefix(30))
        }
        guard dice.roll(2) == 0 else { return }
        var length: [UInt8] = []
        length.append(littleEndian: UInt32(count - 5))
        replaceSubrange(1..<5, with: length)
    }
}
