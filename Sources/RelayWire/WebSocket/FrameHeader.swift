/// A frame's header of 2 to 14 bytes (RFC 6455, section 5.2), checked as far as one frame alone can be.
package struct FrameHeader: Hashable, Sendable {
    package let opcode: Opcode
    /// True if the message ends with this frame.
    package let isFinal: Bool
    /// The masking key in wire order, its first byte in the highest place; nil for an unmasked frame.
    package let maskingKey: UInt32?
    /// The payload length that the header announces: a claim, not a size to allocate.
    package let payloadLength: Int
    /// The length of the header itself.
    package let length: Int

    /// The length of the whole frame, or `Int.max` if it exceeds an `Int`.
    package var frameLength: Int {
        let (sum, isTooLong) = length.addingReportingOverflow(payloadLength)
        return isTooLong ? .max : sum
    }

    /// Parses the header at `offset`, or returns nil if bytes of it are missing.
    ///
    /// The checks run in the order of the bytes, each as soon as its bytes have arrived. So the verdict on a stream
    /// does not depend on how it was split into reads.
    package init?(_ bytes: Span<UInt8>, at offset: Int) throws(WebSocketViolation) {
        let available = bytes.count - offset
        guard available > 0 else { return nil }
        let first = bytes[offset]
        guard first & 0x70 == 0 else { throw .reservedBits }
        guard let opcode = Opcode(rawValue: first & 0x0F) else { throw .reservedOpcode }
        let isFinal = first & 0x80 != 0
        guard isFinal || !opcode.isControl else { throw .fragmentedControl }

        guard available > 1 else { return nil }
        let second = bytes[offset + 1]
        let shortLength = Int(second & 0x7F)
        guard shortLength <= Opcode.maximumControlPayload || !opcode.isControl else { throw .longControl }

        let keyStart = Self.lengthWithoutKey(shortLength: shortLength)
        guard available >= keyStart else { return nil }
        self.payloadLength = try Self.payloadLength(bytes, at: offset, shortLength: shortLength)

        if second & 0x80 != 0 {
            guard available >= keyStart + 4 else { return nil }
            self.maskingKey = UInt32(bigEndianBytes: bytes, at: offset + keyStart)
            self.length = keyStart + 4
        } else {
            self.maskingKey = nil
            self.length = keyStart
        }
        self.opcode = opcode
        self.isFinal = isFinal
    }

    /// The length of the header at `offset`, as far as its bytes tell so far.
    package static func expectedLength(_ bytes: Span<UInt8>, at offset: Int) -> Int {
        guard bytes.count - offset > 1 else { return 2 }
        let second = bytes[offset + 1]
        return lengthWithoutKey(shortLength: Int(second & 0x7F)) + (second & 0x80 != 0 ? 4 : 0)
    }

    private static func lengthWithoutKey(shortLength: Int) -> Int {
        switch shortLength {
        case 126: 4
        case 127: 10
        default: 2
        }
    }

    /// The payload length, which must use the shortest of the three forms that holds it.
    private static func payloadLength(
        _ bytes: Span<UInt8>, at offset: Int, shortLength: Int
    ) throws(WebSocketViolation) -> Int {
        switch shortLength {
        case 126:
            let length = Int(bytes[offset + 2]) << 8 | Int(bytes[offset + 3])
            guard length > 125 else { throw .wastefulLength }
            return length
        case 127:
            let high = UInt32(bigEndianBytes: bytes, at: offset + 2)
            guard high < 0x8000_0000 else { throw .impossibleLength }
            let length = Int(high) << 32 | Int(UInt32(bigEndianBytes: bytes, at: offset + 6))
            guard length > 0xFFFF else { throw .wastefulLength }
            return length
        default:
            return shortLength
        }
    }
}

extension UInt32 {
    /// Reads four bytes in network order.
    fileprivate init(bigEndianBytes bytes: Span<UInt8>, at offset: Int) {
        self =
            UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16
            | UInt32(bytes[offset + 2]) << 8 | UInt32(bytes[offset + 3])
    }
}
