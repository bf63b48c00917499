extension RoomRecord {
    /// The fields of an encoded record, by their tags, in the order in which they stand.
    enum Field: UInt8, CaseIterable {
        /// The six characters.
        case code = 1
        /// Eight bytes.
        case maxClients = 2
        /// Four bytes.
        case holdSeconds = 3
        /// UTF-8.
        case origin = 4
        /// The key as 16 bytes.
        case hashKey = 5
        /// 16 bytes each.
        case owners = 6
        /// Four bytes for the slot and four for the seconds, each.
        case held = 7
        /// UTF-8; left out for a room without one.
        case url = 8
        /// JSON; left out for a room without one.
        case snapshot = 9
        /// No bytes; left out for a room that is not locked.
        case locked = 10
        /// 16 bytes each; left out for a room without any.
        case banned = 11
        /// Four bytes for the slot, four for the seconds and 16 for the hash, each; left out for a room without any.
        case tickets = 12

        /// True for what a room without it leaves out. A relay that does not know the field refuses such a room alone.
        var isOptional: Bool { rawValue >= Field.url.rawValue }
    }

    /// The lengths of the parts of an encoding, in bytes.
    enum Width {
        static let version = 1
        static let length = 4
        static let header = version + length
        static let tag = 1
        static let fieldHeader = tag + length
        static let maxClients = 8
        static let seconds = 4
        static let slot = 4
        static let held = slot + seconds
        /// A SipHash key or digest.
        static let hash = 16
        static let ticket = held + hash
    }
}
