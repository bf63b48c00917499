extension RoomRecord {
    /// The version of the encoding. A relay reads its own version and those before it, and refuses later ones.
    package static let formatVersion: UInt8 = 1
    /// The largest encoding that anybody reads; a larger room stays where it is.
    package static let maximumEncodedBytes = 2 << 20

    /// The length of the encoding.
    package var encodedLength: Int {
        let lengths = [
            RoomCode.length, Width.maxClients, Width.seconds, origin.utf8.count, Width.hash,
            owners.count * Width.hash, held.count * Width.held, url?.utf8.count, snapshot?.count,
            isLocked ? 0 : nil, banned.isEmpty ? nil : banned.count * Width.hash,
            tickets.isEmpty ? nil : tickets.count * Width.ticket,
        ]
        return lengths.reduce(Width.header) { $0 + ($1.map { Width.fieldHeader + $0 } ?? 0) }
    }

    /// The record as bytes: the version, the length of the rest, and the fields, each with its tag and length.
    ///
    /// Each record has one encoding: every field stands once, in the order of the tags, and all numbers are
    /// little-endian and of fixed width, lengths of four bytes.
    package func encoded() -> [UInt8] {
        let length = encodedLength
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        bytes.append(RoomRecord.formatVersion)
        bytes.append(littleEndian: UInt32(length - Width.header))
        bytes.append(.code, Array(code.description.utf8))
        bytes.append(.maxClients, length: Width.maxClients)
        bytes.append(littleEndian: UInt64(maxClients))
        bytes.append(.holdSeconds, length: Width.seconds)
        bytes.append(littleEndian: UInt32(clamping: holdSeconds))
        bytes.append(.origin, Array(origin.utf8))
        bytes.append(.hashKey, length: Width.hash)
        bytes.append(littleEndian: hash.key0)
        bytes.append(littleEndian: hash.key1)
        bytes.append(.owners, length: owners.count * Width.hash)
        for owner in owners { bytes.append(owner) }
        bytes.append(.held, length: held.count * Width.held)
        for place in held {
            bytes.append(littleEndian: UInt32(place.slot.index))
            bytes.append(littleEndian: UInt32(clamping: place.seconds))
        }
        if let url { bytes.append(.url, Array(url.utf8)) }
        if let snapshot { bytes.append(.snapshot, snapshot) }
        appendRights(to: &bytes)
        return bytes
    }

    private func appendRights(to bytes: inout [UInt8]) {
        if isLocked { bytes.append(.locked, length: 0) }
        if !banned.isEmpty {
            bytes.append(.banned, length: banned.count * Width.hash)
            for owner in banned { bytes.append(owner) }
        }
        if !tickets.isEmpty {
            bytes.append(.tickets, length: tickets.count * Width.ticket)
            for ticket in tickets {
                bytes.append(littleEndian: UInt32(ticket.slot.index))
                bytes.append(littleEndian: UInt32(clamping: ticket.seconds))
                bytes.append(ticket.digest)
            }
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ field: RoomRecord.Field, _ value: [UInt8]) {
        append(field, length: value.count)
        append(contentsOf: value)
    }

    fileprivate mutating func append(_ digest: SipHash.Digest) {
        append(littleEndian: digest.first)
        append(littleEndian: digest.second)
    }

    fileprivate mutating func append(_ field: RoomRecord.Field, length: Int) {
        append(field.rawValue)
        append(littleEndian: UInt32(length))
    }
}
