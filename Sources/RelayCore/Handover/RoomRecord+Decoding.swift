extension RoomRecord {
    /// The longest time for which a place is ever kept, in seconds.
    static let mostSeconds = Int(Int32.max)

    /// Reads an encoded record.
    ///
    /// What a machine that may be faulty, or a file, claims is believed only as far as its bytes go: a claimed length
    /// takes no more memory than the bytes that are there. A record that passes describes a room that could be: its url
    /// passes the checks that need no values, and its snapshot is JSON. Whether this relay takes it is another question.
    ///
    /// - Parameter expected: the room that the record must be of; nil for any.
    package init(decoding bytes: Span<UInt8>, of expected: RoomCode? = nil) throws(RoomRecordError) {
        let fields = try Fields(bytes)
        let code = try fields.code(in: bytes)
        guard expected == nil || expected == code else { throw .otherRoom }
        let owners = try fields.owners(in: bytes)
        self.init(
            code: code,
            maxClients: try fields.number(.maxClients, width: Width.maxClients, in: bytes, range: 1...Int.max),
            url: try fields.url(in: bytes),
            holdSeconds: try fields.number(
                .holdSeconds, width: Width.seconds, in: bytes, range: 0...MessageDetails.maximumHoldSeconds),
            origin: try fields.origin(in: bytes), hash: try fields.hash(in: bytes), owners: owners,
            held: try fields.held(in: bytes, slots: owners.count), snapshot: try fields.snapshot(in: bytes),
            isLocked: try fields.isLocked(), banned: try fields.banned(in: bytes),
            tickets: try fields.tickets(in: bytes, slots: owners.count))
    }
}
