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
        var index = range.lowerBound
        let end = range.upperBound
        var seen: UInt64 = 0

        let wideKey = SIMD8<UInt32>(repeating: memoryKey)
        var wideSeen = SIMD8<UInt32>(repeating: 0)
        while end - index >= 32 {
            // Any bytes are a valid vector of integers, and the span checks its bounds.
            let block = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: SIMD8<UInt32>.self) ^ wideKey
            wideSeen |= block
            raw.storeBytes(of: block, toByteOffset: index, as: SIMD8<UInt32>.self)
            index += 32
        }
        let folded = wideSeen.lowHalf | wideSeen.highHalf
        let quarter = folded.lowHalf | folded.highHalf
        seen |= UInt64(quarter.x | quarter.y)

        let wordKey = UInt64(memoryKey) << 32 | UInt64(memoryKey)
        while end - index >= 8 {
            let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self) ^ wordKey
            seen |= word
            raw.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        var key = memoryKey.littleEndian
        while index < end {
            let byte = unsafe raw.unsafeLoad(fromByteOffset: index, as: UInt8.self) ^ UInt8(truncatingIfNeeded: key)
            seen |= UInt64(byte)
            raw.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            key = key >> 8 | key << 24
            index += 1
        }
        return seen & 0x8080_8080_8080_8080 == 0
    }
}
