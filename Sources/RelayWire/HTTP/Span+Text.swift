/// Comparison, trimming and copying of the parts of a head.
extension Span where Element == UInt8 {
    /// The bytes in `range` as text; invalid UTF-8 is replaced.
    package func text(in range: Range<Int>) -> String {
        // The pointer does not leave the closure.
        unsafe extracting(range).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
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
