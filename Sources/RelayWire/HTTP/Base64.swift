/// Base64 (RFC 4648) with padding, as far as the opening handshake needs it.
enum Base64 {
    static func encode(_ bytes: Span<UInt8>) -> [UInt8] {
        var text = [UInt8](repeating: UInt8(ascii: "="), count: (bytes.count + 2) / 3 * 4)
        var digits = text.mutableSpan
        var place = 0
        for index in stride(from: 0, to: bytes.count, by: 3) {
            let available = min(3, bytes.count - index)
            var group: UInt32 = 0
            for offset in 0..<3 {
                group = group &<< 8 | (offset < available ? UInt32(bytes[index + offset]) : 0)
            }
            for offset in 0...available {
                digits[place + offset] = character(UInt8(truncatingIfNeeded: group &>> UInt32(18 - 6 * offset)) & 63)
            }
            place += 4
        }
        return text
    }

    /// True if `range` is what a lenient decoder makes 16 bytes of: 22 digits and `==`.
    ///
    /// The last digit may have excess bits, as that of the key in RFC 6455's own example (section 11.3.1) has.
    static func isSixteenBytes(_ bytes: Span<UInt8>, in range: Range<Int>) -> Bool {
        guard range.count == 24 else { return false }
        let digits = range.lowerBound..<range.upperBound - 2
        for index in digits where value(of: bytes[index]) == nil {
            return false
        }
        return bytes[digits.upperBound] == UInt8(ascii: "=") && bytes[digits.upperBound + 1] == UInt8(ascii: "=")
    }

    private static func character(_ digit: UInt8) -> UInt8 {
        switch digit {
        case 0..<26: UInt8(ascii: "A") + digit
        case 26..<52: UInt8(ascii: "a") + (digit - 26)
        case 52..<62: UInt8(ascii: "0") + (digit - 52)
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        // The second of each is of the alphabet for URLs, which lenient decoders take too.
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
