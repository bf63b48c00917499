extension RoomRecord {
    /// The ranges of the fields in an encoding.
    struct Fields {
        private var ranges = [Range<Int>?](repeating: nil, count: Field.allCases.count + 1)

        /// Finds the fields of an encoding of this version, all of which must be there and in order.
        init(_ bytes: Span<UInt8>) throws(RoomRecordError) {
            guard bytes.count <= RoomRecord.maximumEncodedBytes else { throw .tooLarge }
            guard bytes.count >= Width.version else { throw .truncated }
            guard bytes[0] == RoomRecord.formatVersion else { throw .unknownVersion(bytes[0]) }
            guard bytes.count >= Width.header else { throw .truncated }
            let length = bytes.littleEndian(at: Width.version, width: Width.length)
            guard length <= UInt64(bytes.count - Width.header) else { throw .truncated }
            guard length == UInt64(bytes.count - Width.header) else { throw .trailingBytes }
            var position = Width.header
            var highest: UInt8 = 0
            while position < bytes.count {
                guard bytes.count - position >= Width.fieldHeader else { throw .truncated }
                let tag = bytes[position]
                guard Field(rawValue: tag) != nil else { throw .unknownTag(tag) }
                guard tag > highest else { throw .misplacedTag(tag) }
                highest = tag
                let length = bytes.littleEndian(at: position + Width.tag, width: Width.length)
                position += Width.fieldHeader
                guard length <= UInt64(bytes.count - position) else { throw .truncated }
                ranges[Int(tag)] = position..<(position + Int(length))
                position += Int(length)
            }
            for field in Field.allCases where self[field] == nil && !field.isOptional {
                throw .missing("\(field)")
            }
        }

        fileprivate subscript(field: Field) -> Range<Int>? { ranges[Int(field.rawValue)] }

        /// The range of a field that must be there.
        fileprivate func range(_ field: Field) throws(RoomRecordError) -> Range<Int> {
            guard let range = self[field] else { throw .missing("\(field)") }
            return range
        }
    }
}

// MARK: - The values of the fields

extension RoomRecord.Fields {
    func code(in bytes: Span<UInt8>) throws(RoomRecordError) -> RoomCode {
        guard let code = RoomCode(bytes.extracting(try range(.code))) else { throw .invalid("code") }
        return code
    }

    func number(
        _ field: RoomRecord.Field, width: Int, in bytes: Span<UInt8>, range allowed: ClosedRange<Int>
    ) throws(RoomRecordError) -> Int {
        let range = try range(field)
        guard range.count == width,
            let number = Int(exactly: bytes.littleEndian(at: range.lowerBound, width: width)), allowed.contains(number)
        else { throw .invalid("\(field)") }
        return number
    }

    func origin(in bytes: Span<UInt8>) throws(RoomRecordError) -> String {
        let range = try range(.origin)
        guard range.count <= OriginTable.maxLabelBytes, let origin = bytes.text(in: range) else {
            throw .invalid("origin")
        }
        return origin
    }

    func hash(in bytes: Span<UInt8>) throws(RoomRecordError) -> SipHash {
        let range = try range(.hashKey)
        guard range.count == RoomRecord.Width.hash else { throw .invalid("hashKey") }
        let (key0, key1) = bytes.words(at: range.lowerBound)
        return SipHash(key0: key0, key1: key1)
    }

    func owners(in bytes: Span<UInt8>) throws(RoomRecordError) -> [SipHash.Digest] {
        let owners = try digests(.owners, at: try range(.owners), in: bytes)
        let known = owners.filter { $0 != SlotTable.nobody }
        guard Set(known).count == known.count else { throw .invalid("owners") }
        return owners
    }

    /// At least one digest.
    private func digests(
        _ field: RoomRecord.Field, at range: Range<Int>, in bytes: Span<UInt8>
    ) throws(RoomRecordError) -> [SipHash.Digest] {
        guard !range.isEmpty, range.count.isMultiple(of: RoomRecord.Width.hash) else { throw .invalid("\(field)") }
        return stride(from: range.lowerBound, to: range.upperBound, by: RoomRecord.Width.hash).map { start in
            bytes.digest(at: start)
        }
    }

    /// - Parameter slots: the number of slots that the room has given.
    func held(
        in bytes: Span<UInt8>, slots: Int
    ) throws(RoomRecordError) -> [RoomRecord.HeldPlace] {
        let range = try range(.held)
        // They ascend, so there are no more of them than slots.
        guard range.count.isMultiple(of: RoomRecord.Width.held), range.count / RoomRecord.Width.held <= slots else {
            throw .invalid("held")
        }
        var held: [RoomRecord.HeldPlace] = []
        held.reserveCapacity(range.count / RoomRecord.Width.held)
        var next = 0
        for start in stride(from: range.lowerBound, to: range.upperBound, by: RoomRecord.Width.held) {
            let (slot, seconds) = bytes.slotAndSeconds(at: start)
            guard slot >= next, slot < slots, seconds <= RoomRecord.mostSeconds else { throw .invalid("held") }
            next = slot + 1
            held.append(RoomRecord.HeldPlace(slot: Slot(slot), seconds: seconds))
        }
        return held
    }

    func url(in bytes: Span<UInt8>) throws(RoomRecordError) -> String? {
        guard let range = self[.url] else { return nil }
        guard range.count <= ControllerURL.maximumBytes, let url = bytes.text(in: range),
            (try? ControllerURL(url)) != nil
        else { throw .invalid("url") }
        return url
    }

    func snapshot(in bytes: Span<UInt8>) throws(RoomRecordError) -> [UInt8]? {
        guard let range = self[.snapshot] else { return nil }
        let text = bytes.extracting(range)
        // It is sent to players as it is, within a message of the relay's own.
        guard range.count <= ClientMessage.maximumStateBytesSent, (try? JSONScanner.scan(text)) != nil else {
            throw .invalid("snapshot")
        }
        return text.array
    }
}

// MARK: - The host's rights

extension RoomRecord.Fields {
    func isLocked() throws(RoomRecordError) -> Bool {
        guard let range = self[.locked] else { return false }
        guard range.isEmpty else { throw .invalid("locked") }
        return true
    }

    func banned(in bytes: Span<UInt8>) throws(RoomRecordError) -> [SipHash.Digest] {
        guard let range = self[.banned] else { return [] }
        let banned = try digests(.banned, at: range, in: bytes)
        guard Set(banned).count == banned.count else { throw .invalid("banned") }
        return banned
    }

    /// - Parameter slots: the number of slots that the room has given.
    func tickets(in bytes: Span<UInt8>, slots: Int) throws(RoomRecordError) -> [RoomRecord.HeldTicket] {
        guard let range = self[.tickets] else { return [] }
        guard !range.isEmpty, range.count.isMultiple(of: RoomRecord.Width.ticket) else { throw .invalid("tickets") }
        var tickets: [RoomRecord.HeldTicket] = []
        tickets.reserveCapacity(range.count / RoomRecord.Width.ticket)
        for start in stride(from: range.lowerBound, to: range.upperBound, by: RoomRecord.Width.ticket) {
            let (slot, seconds) = bytes.slotAndSeconds(at: start)
            guard slot < slots, seconds <= RoomRecord.mostSeconds else { throw .invalid("tickets") }
            let digest = bytes.digest(at: start + RoomRecord.Width.held)
            tickets.append(RoomRecord.HeldTicket(slot: Slot(slot), seconds: seconds, digest: digest))
        }
        return tickets
    }
}

extension Span<UInt8> {
    fileprivate func slotAndSeconds(at start: Int) -> (slot: Int, seconds: Int) {
        let seconds = littleEndian(at: start + RoomRecord.Width.slot, width: RoomRecord.Width.seconds)
        return (Int(littleEndian(at: start, width: RoomRecord.Width.slot)), Int(seconds))
    }

    fileprivate func digest(at start: Int) -> SipHash.Digest {
        let (first, second) = words(at: start)
        return SipHash.Digest(first: first, second: second)
    }

    /// The two words of a hash.
    fileprivate func words(at start: Int) -> (UInt64, UInt64) {
        (littleEndian(at: start, width: 8), littleEndian(at: start + 8, width: 8))
    }

    fileprivate func text(in range: Range<Int>) -> String? {
        String(validating: extracting(range).array, as: UTF8.self)
    }
}
