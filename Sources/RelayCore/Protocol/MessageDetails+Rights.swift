// The fields of what the host may do, and of tickets.
extension MessageDetails {
    /// The slot that a `kick` or a `ticket` is about; throws `targetNotFound` if there can be no such slot.
    package func subject(in bytes: Span<UInt8>) throws(RelayError) -> Slot {
        guard let index else { throw .targetNotFound }
        return try index.slot(in: bytes)
    }

    /// True if the `kick` is for good.
    package func isBan(in bytes: Span<UInt8>) throws(RelayError) -> Bool {
        // A typed serialiser writes an absent value as null.
        guard let ban, ban.kind != .null else { return false }
        guard ban.kind == .bool else { throw .banInvalid }
        return ban.isTrue(in: bytes)
    }

    /// True if the room is to be locked, false if it is to be open.
    package func wantsLock(in bytes: Span<UInt8>) throws(RelayError) -> Bool {
        guard let locked, locked.kind == .bool else { throw .lockedInvalid }
        return locked.isTrue(in: bytes)
    }

    /// The ticket of a `join`; one that cannot be a ticket is one that is not good.
    func presentedTicket(in bytes: Span<UInt8>) -> Ticket? {
        guard let ticket, ticket.kind != .null else { return nil }
        let text = ticket.kind == .string ? ticket.decodedString(in: bytes, atMost: Ticket.length) : nil
        return Ticket(text ?? [])
    }
}

extension JSONValue {
    fileprivate func isTrue(in bytes: Span<UInt8>) -> Bool {
        bytes[range.lowerBound] == UInt8(ascii: "t")
    }
}
