internal import RelayCore

/// The rooms file as bytes.
///
/// A line of text that names the format, a byte with its version, the time of writing (eight bytes, seconds since 1970),
/// the number of rooms (four), each room's record after its length (four), and the SHA-256 of all that. Numbers are
/// little-endian.
enum RoomsFileFormat {
    static let magic = Array("party-sockets rooms\n".utf8)
    static let version: UInt8 = 1
    /// No relay writes a larger file, or reads one.
    static let maximumBytes = 256 << 20

    private static let lengthWidth = 4
    static let headerLength = magic.count + 1 + 8 + 4
    static let emptyLength = headerLength + SHA256.digestLength

    static func header(time: Int, count: Int) -> [UInt8] {
        var bytes = magic
        bytes.append(version)
        bytes.append(littleEndian: UInt64(clamping: time))
        bytes.append(littleEndian: UInt32(clamping: count))
        return bytes
    }

    /// The bytes that a room takes in the file; nil if its record is larger than anybody reads.
    static func length(of room: RoomRecord) -> Int? {
        let length = room.encodedLength
        return length <= RoomRecord.maximumEncodedBytes ? lengthWidth + length : nil
    }

    static func append(_ room: RoomRecord, to bytes: inout [UInt8]) {
        let record = room.encoded()
        bytes.append(littleEndian: UInt32(record.count))
        bytes += record
    }

    /// The contents of a file that is complete and undamaged.
    struct Contents: Equatable {
        /// Seconds since 1970.
        var time: Int
        var rooms: [RoomRecord]
    }

    /// - Parameter maxRooms: the most rooms to take; the others are passed over.
    static func read(_ bytes: [UInt8], maxRooms: Int) throws(RoomsFileDamage) -> Contents {
        guard bytes.starts(with: magic.prefix(bytes.count)) else { throw .foreign }
        guard bytes.count > magic.count else { throw .incomplete }
        guard bytes[magic.count] == version else { throw .unknownVersion(bytes[magic.count]) }
        guard bytes.count >= emptyLength else { throw .incomplete }
        let end = bytes.count - SHA256.digestLength
        guard SHA256.digest(of: bytes.span.extracting(..<end)).elementsEqual(bytes[end...]) else { throw .checksum }
        guard let time = Int(exactly: bytes.span.littleEndian(at: magic.count + 1, width: 8)) else {
            throw .time
        }
        let count = Int(bytes.span.littleEndian(at: magic.count + 9, width: 4))
        return Contents(time: time, rooms: try rooms(in: bytes, upTo: end, count: count, maxRooms: maxRooms))
    }

    private static func rooms(
        in bytes: [UInt8], upTo end: Int, count: Int, maxRooms: Int
    ) throws(RoomsFileDamage) -> [RoomRecord] {
        var rooms: [RoomRecord] = []
        var position = headerLength
        for number in 0..<count {
            guard end - position >= lengthWidth else { throw .count }
            let length = Int(bytes.span.littleEndian(at: position, width: lengthWidth))
            position += lengthWidth
            guard length <= end - position else { throw .count }
            if number < maxRooms {
                do throws(RoomRecordError) {
                    rooms.append(try RoomRecord(decoding: bytes.span.extracting(position..<(position + length))))
                } catch {
                    throw .record(error)
                }
            }
            position += length
        }
        guard position == end else { throw .count }
        return rooms
    }
}

/// The reason why a file is not read as rooms.
enum RoomsFileDamage: Error, Equatable, CustomStringConvertible {
    /// Something else than a rooms file.
    case foreign
    case incomplete
    /// Of a later relay.
    case unknownVersion(UInt8)
    case checksum
    case time
    /// The number of rooms, or the length of one, does not fit the file.
    case count
    case record(RoomRecordError)
    case tooLarge
    case notRegular
    case system(String)

    var description: String {
        switch self {
        case .foreign: "it is no rooms file"
        case .incomplete: "it is incomplete"
        case .unknownVersion(let version): "its version \(version) is not known"
        case .checksum: "its checksum is wrong"
        case .time: "its time is impossible"
        case .count: "its rooms do not fit its length"
        case .record(let error): "a room is unreadable: \(error)"
        case .tooLarge: "it is larger than \(RoomsFileFormat.maximumBytes >> 20) MiB"
        case .notRegular: "it is no regular file"
        case .system(let reason): reason
        }
    }
}
