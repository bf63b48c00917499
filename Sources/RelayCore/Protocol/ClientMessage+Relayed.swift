/// The recipient of a `send`.
@usableFromInline
package enum Recipient: Hashable, Sendable {
    /// Every member but the sender.
    case others
    /// One member, possibly the sender itself; whether anybody is connected there is not known yet.
    case slot(Slot)
}

extension ClientMessage {
    /// The largest snapshot, in bytes of its compact form.
    package static let maximumStateBytes = 16_384
    /// The largest snapshot in bytes as sent, however much of it is white space and escapes.
    package static let maximumStateBytesSent = 65_536

    /// Throws `targetNotFound` if `to` is present but names no slot; only the room knows whether the slot is taken.
    @inlinable
    @inline(__always)
    package func recipient(in bytes: Span<UInt8>) throws(RelayError) -> Recipient {
        guard let to else { return .others }
        return .slot(try to.slot(in: bytes))
    }

    /// The range of the snapshot; `null` is a valid one.
    package func stateData(in bytes: Span<UInt8>) throws(RelayError) -> Range<Int> {
        guard let data else { throw .stateDataRequired }
        // The compact form is never longer.
        if data.range.count <= Self.maximumStateBytes { return data.range }
        guard data.range.count <= Self.maximumStateBytesSent,
            CompactJSON.length(of: bytes.extracting(data.range)) <= Self.maximumStateBytes
        else { throw .stateTooLarge }
        return data.range
    }
}

// Several recipients.
extension ClientMessage {
    /// True if `to` is a list.
    @inlinable
    @inline(__always)
    package var isToList: Bool { to?.kind == .array }

    /// Calls `use` with each slot of the list in `to`, in order; throws `targetNotFound` if something else is in it.
    package func forEachRecipient(in bytes: Span<UInt8>, _ use: (Slot) -> Void) throws(RelayError) {
        guard let to, to.kind == .array else { return }
        var scanner = JSONScanner(at: to.range.lowerBound + 1)
        scanner.skipWhiteSpace(in: bytes)
        // The list has been validated: there is a value, and behind it a comma or the end.
        while scanner.position < to.range.upperBound - 1 {
            guard let element = try? scanner.scanValue(in: bytes) else { throw .targetNotFound }
            use(try element.slot(in: bytes))
            scanner.skipWhiteSpace(in: bytes)
            _ = scanner.skip(UInt8(ascii: ","), in: bytes)
            scanner.skipWhiteSpace(in: bytes)
        }
    }
}

extension JSONValue {
    /// The slot that this names; throws `targetNotFound` if it is no number that a slot can have.
    @inlinable
    @inline(__always)
    func slot(in bytes: Span<UInt8>) throws(RelayError) -> Slot {
        // Most rooms have fewer than ten slots.
        if kind == .number, range.count == 1 { return Slot(Int(bytes[range.lowerBound] & 0x0F)) }
        return try slotOfAnyNumber(in: bytes)
    }

    @inline(never)
    @usableFromInline
    func slotOfAnyNumber(in bytes: Span<UInt8>) throws(RelayError) -> Slot {
        guard kind == .number, let index = JSONNumber(range, in: bytes).nonNegativeInteger else {
            throw .targetNotFound
        }
        return Slot(index)
    }
}
