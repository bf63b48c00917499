/// The header that most frames of clients have, read at one look: of a whole message, masked, and below 64 KiB.
///
/// It is valid in all that `FrameHeader` checks. Any other header, and what is wrong with it, is that type's to read.
struct UsualHeader {
    let isText: Bool
    /// The masking key in wire order, its first byte in the highest place.
    let maskingKey: UInt32
    let payloadLength: Int
    /// The length of the header itself.
    let length: Int

    /// Nil if there is another one at `offset`, or if fewer than eight bytes are there.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, at offset: Int) {
        guard bytes.count &- offset >= 8 else { return nil }
        // The load is bounds-checked, and every bit pattern is a valid integer.
        let word = unsafe UInt64(
            littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
        // The final fragment, of opcode 1 or 2, masked.
        let isText = word & 0x80FF == 0x8081
        guard isText || word & 0x80FF == 0x8082 else { return nil }
        self.isText = isText
        let shortLength = Int(word &>> 8 & 0x7F)
        if shortLength <= 125 {
            (payloadLength, length) = (shortLength, 6)
            maskingKey = UInt32(truncatingIfNeeded: word &>> 16).byteSwapped
        } else {
            let longLength = Int(UInt16(truncatingIfNeeded: word &>> 16).byteSwapped)
            guard shortLength == 126, longLength > 125 else { return nil }
            (payloadLength, length) = (longLength, 8)
            maskingKey = UInt32(truncatingIfNeeded: word &>> 32).byteSwapped
        }
    }
}
