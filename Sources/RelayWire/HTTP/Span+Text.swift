/// Comparison, trimming and copying of the parts of a head.
extension Span where Element == UInt8 {
    /// The bytes in `range` as text; invalid UTF-8 is replaced.
    package func text(in range: Range<Int>) -> String {
        // The pointer does not leave the closure.
        unsafe extracting(range).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// The first byte from `start` on that no field's value has, or the end.
    func endOfFieldContent(from start: Int) -> Int {
        var index = start
        while index + 8 <= count {
            // Any bytes are a valid integer, and the span checks its bounds.
            let word = unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            // The lowest byte with its highest bit set is the first that is below 0x20 or 0x7F.
            let delete = word ^ 0x7F7F_7F7F_7F7F_7F7F
            let isControl = (word &- 0x2020_2020_2020_2020) & ~word
            let isDelete = (delete &- 0x0101_0101_0101_0101) & ~delete
            let found = (isControl | isDelete) & 0x8080_8080_8080_8080
            index += found.trailingZeroBitCount >> 3
            guard found != 0 else { continue }
            guard ByteClass.isFieldContent(self[index]) else { return index }
            index += 1
        }
        while index < count, ByteClass.isFieldContent(self[index]) { index += 1 }
        return index
    }

    func copy(of range: Range<Int>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.append(copying: extracting(range))
        return copy
    }

    /// True if `range` is this text.
    func equals(_ text: [UInt8], in range: Range<Int>) -> Bool {
        guard range.count == text.count else { return false }
        for index in 0..<text.count where self[range.lowerBound + index] != text[index] {
            return false
        }
        return true
    }

    /// True if `range` is `lowercased`, an ASCII text in lower case, in any case.
    func equalsIgnoringCase(_ lowercased: [UInt8], in range: Range<Int>) -> Bool {
        guard range.count == lowercased.count else { return false }
        for index in 0..<lowercased.count
        where ByteClass.lowercased(self[range.lowerBound + index]) != lowercased[index] {
            return false
        }
        return true
    }

    /// `range` without the optional white space at its ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var start = range.lowerBound
        var end = range.upperBound
        while start < end, ByteClass.isOptionalWhitespace(self[start]) { start += 1 }
        while end > start, ByteClass.isOptionalWhitespace(self[end - 1]) { end -= 1 }
        return start..<end
    }
}
