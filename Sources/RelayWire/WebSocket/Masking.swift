/// The masking of client frames (RFC 6455, section 5.3), an XOR: masking and unmasking are the same.
package enum Masking {
    /// Masks `range` in place, and returns whether all its bytes are ASCII afterwards.
    ///
    /// The result is free with the pass over the bytes, and spares most text frames a second pass.
    ///
    /// - Parameters:
    ///   - key: the key in wire order, its first byte in the highest place.
    ///   - position: the offset of the range in the payload, for a payload that is masked piece by piece.
    @discardableResult
    package static func apply(
        _ key: UInt32, from position: Int = 0, to bytes: inout MutableSpan<UInt8>, in range: Range<Int>
    ) -> Bool {
        // The key rotated to that position, in memory order: so words can be masked on any machine.
        let shift = UInt32(truncatingIfNeeded: position & 3) * 8
        let memoryKey = (key << shift | key >> ((32 - shift) & 31)).bigEndian
        // Raw access is safe: every bit pattern is a valid byte.
        var raw = unsafe bytes.mutableBytes
        return apply(memoryKey: memoryKey, to: &raw, in: range)
    }

    private static func apply(memoryKey: UInt32, to raw: inout MutableRawSpan, in range: Range<Int>) -> Bool {
        // The one check of bounds for all loads and stores below, which stay within the range. Any bytes are a valid
        // integer, or a valid vector of them.
        precondition(range.lowerBound >= 0 && range.upperBound <= raw.byteCount, "the range lies within the bytes")
        var index = range.lowerBound
        let end = range.upperBound
        let wordKey = UInt64(memoryKey) << 32 | UInt64(memoryKey)
        let wideKey = SIMD2<UInt64>(repeating: wordKey)
        var wideSeen = SIMD2<UInt64>(repeating: 0)
        while end &- index >= 16 {
            let block =
                unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: SIMD2<UInt64>.self) ^ wideKey
            wideSeen |= block
            unsafe raw.storeBytes(of: block, toUncheckedByteOffset: index, as: SIMD2<UInt64>.self)
            index &+= 16
        }
        var seen = wideSeen.x | wideSeen.y
        if end &- index >= 8 {
            let word = unsafe raw.unsafeLoadUnaligned(fromUncheckedByteOffset: index, as: UInt64.self) ^ wordKey
            seen |= word
            unsafe raw.storeBytes(of: word, toUncheckedByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        if index < end {
            seen |= maskRest(index..<end, of: range, with: memoryKey, in: &raw)
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }

    /// Masks the last bytes of a range, fewer than eight, and returns all their bits together.
    @inline(__always)
    private static func maskRest(
        _ rest: Range<Int>, of range: Range<Int>, with memoryKey: UInt32, in raw: inout MutableRawSpan
    ) -> UInt64 {
        guard range.count >= 8 else { return maskShort(rest, with: memoryKey, in: &raw) }
        // The last eight bytes, of which the first ones are masked already: a key of zeros leaves those as they are.
        let wordKey = UInt64(memoryKey) << 32 | UInt64(memoryKey)
        let masked = UInt64(truncatingIfNeeded: 8 &- rest.count)
        let key = (wordKey.littleEndian &<< (8 &* masked)).littleEndian
        let start = range.upperBound &- 8
        let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self) ^ key
        raw.storeBytes(of: word, toByteOffset: start, as: UInt64.self)
        return word
    }

    /// Masks fewer than eight bytes, and returns all their bits together.
    private static func maskShort(_ range: Range<Int>, with memoryKey: UInt32, in raw: inout MutableRawSpan) -> UInt64 {
        var (key, seen) = (memoryKey.littleEndian, UInt8(0))
        for index in range {
            // Any byte is a valid integer, and the span checks its bounds.
            let byte = unsafe raw.unsafeLoad(fromByteOffset: index, as: UInt8.self) ^ UInt8(truncatingIfNeeded: key)
            seen |= byte
            raw.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            key = key >> 8 | key << 24
        }
        return UInt64(seen)
    }
}
