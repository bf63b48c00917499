/// The bytes of one member of a JSON object, as the sender wrote them.
///
/// Foundation's decoder reads the protocol's own fields, and does not tell where in the text a value stands.
enum JSONMember {
    /// The value of the last member of that name; nil if there is none.
    ///
    /// - Parameter text: an object that was decoded before, so it is known to be valid JSON.
    static func value(of name: String, in text: [UInt8]) -> RawJSON? {
        let key = Array("\"\(name)\"".utf8)
        var found: Range<Int>?
        var depth = 0
        var index = 0
        /// Where the latest string stands: before a colon of the object itself, it is a key.
        var latest = 0..<0
        var start = 0
        var isWanted = false
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\""):
                let end = endOfString(in: text, from: index)
                latest = index..<end
                index = end
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
            case UInt8(ascii: ":") where depth == 1:
                isWanted = text[latest].elementsEqual(key)
                start = index + 1
            case UInt8(ascii: ",") where depth == 1, UInt8(ascii: "}") where depth == 1:
                if isWanted { found = start..<index }
                isWanted = false
                if text[index] == UInt8(ascii: "}") { depth -= 1 }
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
            default:
                break
            }
            index += 1
        }
        return found.map { RawJSON(bytes: trimmed(text[$0])) }
    }

    /// The end of the string whose opening quote is at `start`.
    static func endOfString(in text: [UInt8], from start: Int) -> Int {
        var index = start + 1
        while index < text.count, text[index] != UInt8(ascii: "\"") {
            index += text[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return min(index + 1, text.count)
    }

    static func isSpace(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
            || byte == UInt8(ascii: "\r")
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var bytes = bytes.drop(while: isSpace)
        while let last = bytes.last, isSpace(last) { bytes.removeLast() }
        return Array(bytes)
    }
}
