/// Validates UTF-8 that arrives in pieces, and fails at the first byte that no valid text can contain there.
///
/// A message may be split anywhere, even inside a character, so the state of an incomplete character is kept: three
/// bytes.
package struct UTF8Validator: Hashable, Sendable {
    /// The number of continuation bytes that the current character still needs.
    private var missing: UInt8 = 0
    /// The bounds of the next continuation byte. Only the second byte of a character has narrower ones: they exclude
    /// overlong forms, surrogates and everything beyond U+10FFFF (RFC 3629, section 4).
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xBF

    package init() {}

    /// True if the text may end here: no character is incomplete.
    package var isComplete: Bool { missing == 0 }

    /// Validates the next piece; false if no valid text can begin with what came so far. After that, consume no more.
    package mutating func consume(_ bytes: Span<UInt8>) -> Bool {
        var index = 0
        while missing > 0, index < bytes.count {
            guard step(bytes[index]) else { return false }
            index += 1
        }
        // Raw access is safe: every bit pattern is a valid byte.
        guard unsafe Self.skipWholeCharacters(bytes.bytes, from: &index) else { return false }
        while index < bytes.count {
            guard step(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    private mutating func step(_ byte: UInt8) -> Bool {
        if missing > 0 {
            guard byte >= lowest, byte <= highest else { return false }
            missing -= 1
            (lowest, highest) = (0x80, 0xBF)
            return true
        }
        switch byte {
        case 0...0x7F: return true
        case 0xC2...0xDF: missing = 1
        case 0xE0: (missing, lowest) = (2, 0xA0)
        case 0xED: (missing, highest) = (2, 0x9F)
        case 0xE1...0xEF: missing = 2
        case 0xF0: (missing, lowest) = (3, 0x90)
        case 0xF4: (missing, highest) = (3, 0x8F)
        case 0xF1...0xF3: missing = 3
        default: return false
        }
        return true
    }

    /// Skips whole characters, many bytes at a time, until fewer than 12 bytes are left.
    private static func skipWholeCharacters(_ raw: RawSpan, from index: inout Int) -> Bool {
        let count = raw.byteCount
        while count - index >= 12 {
            // Any bytes are a valid integer, and the span checks its bounds; so in the loads below.
            let word = unsafe UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            let high = word & 0x8080_8080_8080_8080
            guard high != 0 else {
                index += 8
                skipASCIIBlocks(raw, from: &index)
                continue
            }
            index += high.trailingZeroBitCount >> 3
            // One such character is usually followed by more.
            while count - index >= 4 {
                let four = unsafe UInt32(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt32.self))
                guard four & 0x80 != 0 else { break }
                let length = characterLength(four)
                guard length > 0 else { return false }
                index += length
            }
        }
        return true
    }

    private static func skipASCIIBlocks(_ raw: RawSpan, from index: inout Int) {
        while raw.byteCount - index >= 32 {
            let block = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: SIMD4<UInt64>.self)
            let half = block.lowHalf | block.highHalf
            guard (half.x | half.y) & 0x8080_8080_8080_8080 == 0 else { return }
            index += 32
        }
    }

    /// The length of the character of 2 to 4 bytes that starts these four bytes (the first lowest); 0 if none does.
    private static func characterLength(_ word: UInt32) -> Int {
        // Each pattern has the marker bits of the lead byte and its continuation bytes. The bits after it tell
        // overlong forms (all zero), surrogates (ED A0 and up) and code points beyond U+10FFFF (F4 90 and up).
        if word & 0x00C0_C0F0 == 0x0080_80E0 {
            let top = word & 0x200F
            return top != 0 && top != 0x200D ? 3 : 0
        }
        if word & 0x0000_C0E0 == 0x0000_80C0 {
            return word & 0x1E != 0 ? 2 : 0
        }
        if word & 0xC0C0_C0F8 == 0x8080_80F0 {
            let top = word & 0x3007
            return top != 0 && (top & 4 == 0 || top == 4) ? 4 : 0
        }
        return 0
    }
}
