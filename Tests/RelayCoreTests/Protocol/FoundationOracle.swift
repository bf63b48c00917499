internal import Foundation

/// Foundation's opinion on a JSON text, and every reason known for which the relay's scanner may hold another.
///
/// The tests own it and the fuzzer has a link to it, as SwiftPM gives no file to two targets.
enum FoundationOracle {
    /// True if a verdict of the scanner is right: the same as Foundation's, or different for one of four reasons.
    ///
    /// - Parameter scannerAccepts: asks the scanner about another text.
    static func confirms(_ isAccepted: Bool, on text: [UInt8], scannerAccepts: ([UInt8]) -> Bool) -> Bool {
        // 1. Foundation skips a byte order mark, and takes a NUL among the first bytes for a sign of UTF-16 or UTF-32.
        //    The RFC leaves neither a choice: JSON is UTF-8 and has no NUL in it.
        if beginsInAnotherEncoding(text) { return !isAccepted }
        let isAcceptedByFoundation = foundationAccepts(text)
        if isAccepted == isAcceptedByFoundation { return true }
        if isAccepted {
            // 2. Foundation has no string for a surrogate that stands alone. The RFC's grammar has, and so does
            //    JavaScript, which writes it for text cut inside an emoji.
            // 3. Foundation refuses numbers that no Double can hold. The grammar sets no bound.
            return foundationAccepts(withoutSurrogates(withoutHugeNumbers(text)))
        }
        // 4. Foundation accepts a comma behind the last element or member. The grammar does not.
        return scannerAccepts(withoutTrailingCommas(text))
    }

    static func foundationAccepts(_ text: [UInt8]) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(text), options: [.fragmentsAllowed])) != nil
    }

    private static func beginsInAnotherEncoding(_ text: [UInt8]) -> Bool {
        text.starts(with: [0xEF, 0xBB, 0xBF]) || text.starts(with: [0xFE, 0xFF]) || text.starts(with: [0xFF, 0xFE])
            || text.prefix(4).contains(0)
    }

    /// Turns the escapes of surrogates into others, `\ud83d` into `\u083d`.
    private static func withoutSurrogates(_ text: [UInt8]) -> [UInt8] {
        var result = text
        var index = 0
        while index + 2 < result.count {
            if result[index] == UInt8(ascii: "\\") {
                if result[index + 1] == UInt8(ascii: "u"), result[index + 2] | 0x20 == UInt8(ascii: "d") {
                    result[index + 2] = UInt8(ascii: "0")
                }
                index += 1
            }
            index += 1
        }
        return result
    }

    /// Puts 0 for every number that is infinite as a Double.
    private static func withoutHugeNumbers(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = text[...]
        forEachByteOutsideStrings(of: text) { offset in
            guard offset >= rest.startIndex else { return }
            let number = text[offset...].prefix { "+-.0123456789Ee".utf8.contains($0) }
            guard let value = Double(String(decoding: number, as: UTF8.self)), value.isInfinite else { return }
            result += rest[..<offset] + [UInt8(ascii: "0")]
            rest = text[number.endIndex...]
        }
        return result + rest
    }

    private static func withoutTrailingCommas(_ text: [UInt8]) -> [UInt8] {
        var result = text
        forEachByteOutsideStrings(of: text) { offset in
            guard text[offset] == UInt8(ascii: ",") else { return }
            let next = text[(offset + 1)...].first { !" \t\n\r".utf8.contains($0) }
            if next == UInt8(ascii: "]") || next == UInt8(ascii: "}") { result[offset] = UInt8(ascii: " ") }
        }
        return result
    }

    private static func forEachByteOutsideStrings(of text: [UInt8], _ visit: (Int) -> Void) {
        var isInString = false
        var isEscaped = false
        for (offset, byte) in text.enumerated() {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\"") {
                isInString.toggle()
            } else if isInString {
                isEscaped = byte == UInt8(ascii: "\\")
            } else {
                visit(offset)
            }
        }
    }
}
