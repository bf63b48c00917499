extension FixedWidthInteger {
    /// The bytes of a literal, the first one lowest; zeros behind them.
    @inlinable
    @inline(__always)
    init(bytesOf literal: StaticString) {
        precondition(literal.utf8CodeUnitCount <= Self.bitWidth / 8, "the bytes fit")
        var word: Self = 0
        // The pointer is to a literal, which lives as long as the process; the index stays below its count.
        let bytes = unsafe literal.utf8Start
        for index in 0..<literal.utf8CodeUnitCount {
            unsafe word |= Self(truncatingIfNeeded: bytes[index]) &<< Self(truncatingIfNeeded: 8 &* index)
        }
        self = word
    }
}

extension Span<UInt8> {
    /// The byte at an offset, or 0 at the end and beyond it.
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        // It never is; but where that is known, one comparison checks both ends.
        precondition(count >= 0, "a span has no negative length")
        return UInt(bitPattern: offset) < UInt(bitPattern: count) ? self[offset] : 0
    }

    /// True if there are so many bytes from `offset` on.
    @inline(__always)
    func hasBytes(_ length: Int, at offset: Int) -> Bool {
        // One comparison checks both ends.
        UInt(bitPattern: offset) < UInt(bitPattern: max(count &- (length &- 1), 0))
    }

    /// Eight bytes, the first one lowest; zeros where fewer are left.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        guard hasBytes(8, at: offset) else { return 0 }
        // The bounds have been checked, and every bit pattern is a valid integer.
        return UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// Two bytes, the first one lower; zeros where fewer are left.
    @inline(__always)
    func pair(at offset: Int) -> UInt16 {
        guard hasBytes(2, at: offset) else { return 0 }
        // The bounds have been checked, and every bit pattern is a valid integer.
        return UInt16(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt16.self))
    }

    /// Four bytes, the first one lowest; zeros where fewer are left.
    @inline(__always)
    func halfWord(at offset: Int) -> UInt32 {
        guard hasBytes(4, at: offset) else { return 0 }
        // The bounds have been checked, and every bit pattern is a valid integer.
        return UInt32(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt32.self))
    }

    /// True if the bytes from `offset` begin with `literal`.
    @inline(__always)
    func hasBytes(of literal: StaticString, at offset: Int) -> Bool {
        let length = literal.utf8CodeUnitCount
        guard count - offset >= length else { return false }
        // The pointer is to a literal, which lives as long as the process; the index stays below its count.
        let bytes = unsafe literal.utf8Start
        for index in 0..<length where unsafe self[offset + index] != bytes[index] {
            return false
        }
        return true
    }
}
