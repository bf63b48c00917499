/// Comparing, trimming and copying the parts of a head.
extension Span where Element == UInt8 {
    /// The bytes in `range` as text, with a replacement character where they are no UTF-8.
    package func text(in range: Range<Int>) -> String {
        // The pointer does not leave the closure.
        unsafe extracting(range).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    func copy(of range: Range<Int>) -> [UInt8] {
        var copy: [UInt8] = []
        copy.append(copying: extracting(range))
        return copy
    }

    /// Whether the bytes in `range` are this text.
    func equals(_ text: [UInt8], in range: Range<Int>) -> Bool {
        guard range.count == text.count else { return false }
        for index in 0..<text.count where self[range.lowerBound + index] != text[index] {
            return false
        }
        return true
    }

    /// Whether the bytes in `range` are `lowercased`, an ASCII text in lower case, but for their case.
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
