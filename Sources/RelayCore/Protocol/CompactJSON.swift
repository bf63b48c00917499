/// The compact form of a JSON text: no white space outside strings, and no escape that a string can do without.
///
/// It is what JavaScript's `JSON.stringify` writes, but for numbers, which are counted as they stand.
enum CompactJSON {
    /// The length of the compact form of a valid JSON text, in bytes of UTF-8.
    static func length(of text: Span<UInt8>) -> Int {
        var length = 0
        var index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                index += 1
            case UInt8(ascii: "\""):
                let end = endOfString(in: text, from: index)
                length += lengthOfString(index..<end, in: text)
                index = end
            default:
                length += 1
                index += 1
            }
        }
        return length
    }

    /// The end of the string whose opening quote is at `start`.
    private static func endOfString(in text: Span<UInt8>, from start: Int) -> Int {
        var index = start + 1
        while text[index] != UInt8(ascii: "\"") { index += text[index] == UInt8(ascii: "\\") ? 2 : 1 }
        return index + 1
    }

    private static func lengthOfString(_ string: Range<Int>, in text: Span<UInt8>) -> Int {
        var length = 2
        var reader = JSONStringReader(string)
        while let byte = reader.next(in: text) {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0x08, 0x09, 0x0A, 0x0C, 0x0D: length += 2
            case ..<0x20: length += 6
            default: length += 1
            }
        }
        return length
    }
}
