import TestSupport
import Testing

@testable import RelayCore

/// Records that are put together field by field, as only a faulty or hostile machine does.
@Suite("Records of rooms that cannot be")
struct RoomRecordNonsenseTests {
    typealias Fields = [(tag: UInt8, value: [UInt8])]

    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let error: RoomRecordError
        let change: @Sendable (inout Fields) -> Void

        init(_ description: String, _ error: RoomRecordError, _ change: @escaping @Sendable (inout Fields) -> Void) {
            testDescription = description
            self.error = error
            self.change = change
        }

        /// A record whose field has this value.
        init(_ description: String, _ field: RoomRecord.Field, _ value: [UInt8]) {
            self.init(description, .invalid("\(field)")) { fields in
                fields.removeAll { $0.tag == field.rawValue }
                fields.append((field.rawValue, value))
                fields.sort { $0.tag < $1.tag }
            }
        }
    }

    static func number(_ number: UInt64, _ width: Int) -> [UInt8] {
        (0..<width).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) }
    }

    static func held(_ places: (slot: UInt64, seconds: UInt64)...) -> [UInt8] {
        places.flatMap { number($0.slot, 4) + number($0.seconds, 4) }
    }

    static func text(_ text: String) -> [UInt8] { Array(text.utf8) }

    /// A room with three slots.
    static let sound: Fields = [
        (1, text("abcdef")), (2, number(8, 8)), (3, number(0, 4)), (4, text("unknown")), (5, number(1, 16)),
        (6, number(1, 16) + number(2, 16) + number(3, 16)), (7, held((0, 30), (2, 30))),
        (8, text("https://a.example/")), (9, text("{}")),
    ]

    static func encode(_ fields: Fields) -> [UInt8] {
        let rest = fields.flatMap { [$0.tag] + number(UInt64($0.value.count), 4) + $0.value }
        return [1] + number(UInt64(rest.count), 4) + rest
    }

    static let examples = [
        Example("a code outside the alphabet", .code, text("00000O")),
        Example("a code that is too short", .code, text("abcde")),
        Example("a code beyond 35 bits", .code, text("zzzzzz")),
        Example("no place", .maxClients, number(0, 8)),
        Example("more places than can be counted", .maxClients, number(1 << 63, 8)),
        Example("a number that is too short", .maxClients, number(8, 7)),
        Example("a number that is too long", .maxClients, number(8, 9)),
        Example("a hold longer than any", .holdSeconds, number(601, 4)),
        Example("a hold without a value", .holdSeconds, []),
        Example("an origin that is no UTF-8", .origin, [0xC3]),
        Example("an origin of 257 bytes", .origin, [UInt8](repeating: 0x61, count: 257)),
        Example("half a key", .hashKey, number(1, 8)),
        Example("no owners", .owners, []),
        Example("an owner and a half", .owners, number(1, 24)),
        Example("one owner of two slots", .owners, number(1, 16) + number(2, 16) + number(1, 16)),
        Example("a place held for a slot that nobody has", .held, held((3, 1))),
        Example("a place held twice", .held, held((1, 1), (1, 1))),
        Example("places held in descending order", .held, held((1, 1), (0, 1))),
        Example("more places held than there are slots", .held, held((0, 1), (1, 1), (2, 1), (3, 1))),
        Example("a place held for ever", .held, held((0, 1 << 31))),
        Example("half a place held", .held, number(0, 4)),
        Example("a url that is too long", .url, [UInt8](repeating: 0x61, count: 513)),
        Example("a url with a space", .url, text("https://a b")),
        Example("a url with a line's end", .url, text("https://a.example/\r\nX: y")),
        Example("a url with an unknown placeholder", .url, text("https://a.example/{secret}")),
        Example("a url with a lone brace", .url, text("https://a.example/}")),
        Example("a url that is no UTF-8", .url, [0x68, 0xFF]),
        Example("an empty snapshot", .snapshot, []),
        Example("a snapshot that is no JSON", .snapshot, text(#"1},{"type":"error""#)),
        Example("a snapshot of 65,537 bytes", .snapshot, [UInt8](repeating: 0x20, count: 65_536) + [0x31]),
        Example("a lock with a value", .locked, [1]),
        Example("nobody banned", .banned, []),
        Example("half a ban", .banned, number(1, 8)),
        Example("a ban twice", .banned, number(1, 16) + number(2, 16) + number(1, 16)),
        Example("no tickets", .tickets, []),
        Example("half a ticket", .tickets, number(0, 12)),
        Example("a ticket for a slot that there is not", .tickets, number(3, 4) + number(600, 4) + number(1, 16)),
        Example("a ticket for ever", .tickets, number(1, 4) + number(1 << 31, 4) + number(1, 16)),
        Example("a field of a later version", .unknownTag(13)) { $0.append((13, [])) },
        Example("a field without a tag", .unknownTag(0)) { $0.insert((0, [1]), at: 0) },
        Example("a field twice", .misplacedTag(4)) { $0.insert((4, text("other")), at: 4) },
        Example("fields in another order", .misplacedTag(2)) { $0.swapAt(1, 2) },
    ]

    @Test("what no room can have is refused, and the field is named", arguments: examples)
    func refused(example: Example) {
        var fields = Self.sound
        example.change(&fields)
        let bytes = Self.encode(fields)
        #expect(throws: example.error) { try RoomRecord(decoding: bytes.span) }
    }

    @Test("the record that the others are made from is sound")
    func accepted() throws {
        let record = try RoomRecord(decoding: Self.encode(Self.sound).span)
        #expect(record.owners.count == 3 && record.held.map(\.slot.index) == [0, 2])
        #expect(record.snapshot == Self.text("{}"))
    }

    @Test("every field must be there but those that not every room has", arguments: RoomRecord.Field.allCases)
    func missing(field: RoomRecord.Field) throws {
        let bytes = Self.encode(Self.sound.filter { $0.tag != field.rawValue })
        if [.url, .snapshot, .locked, .banned, .tickets].contains(field) {
            let record = try RoomRecord(decoding: bytes.span)
            #expect((record.url == nil) == (field == .url) && (record.snapshot == nil) == (field == .snapshot))
        } else {
            #expect(throws: RoomRecordError.missing("\(field)")) { try RoomRecord(decoding: bytes.span) }
        }
    }

    @Test("a length that its bytes do not bear out is refused", arguments: [0, 1, 5, 0xFF, 0xFFFF, .max] as [UInt32])
    func lengths(claimed: UInt32) {
        let sound = Self.encode(Self.sound)
        for place in [1, 6] {
            var bytes = sound
            bytes.replaceSubrange(place..<(place + 4), with: Self.number(UInt64(claimed), 4))
            #expect(throws: RoomRecordError.self) { try RoomRecord(decoding: bytes.span) }
        }
    }

    @Test("bytes after the record are refused")
    func trailing() {
        let bytes = Self.encode(Self.sound) + [0]
        #expect(throws: RoomRecordError.trailingBytes) { try RoomRecord(decoding: bytes.span) }
    }
}
