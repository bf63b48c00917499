/// Percent escapes of URLs (RFC 3986, section 2.1), both ways.
enum PercentEncoding {
    /// Decodes every escape; nil if a `%` is not followed by two hexadecimal digits.
    static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "%") {
                guard let byte = escape(in: text, at: index) else { return nil }
                bytes.append(byte)
                index += 3
            } else {
                bytes.append(text[index])
                index += 1
            }
        }
        return bytes
    }

    /// Decodes a query's name or value: `+` is a space, and a malformed escape stands for itself.
    static func decodeQuery(_ text: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if let byte = escape(in: text, at: index) {
                bytes.append(byte)
                index += 3
            } else {
                bytes.append(text[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : text[index])
                index += 1
            }
        }
        return bytes
    }

    /// Appends text that is already URL-encoded, and escapes only what a header cannot carry or a browser would
    /// misread: everything but visible ASCII, and `"`, `'`, `<`, `>`, `\`, `#`.
    static func appendVisible(_ text: Span<UInt8>, to bytes: inout [UInt8]) {
        for index in text.indices {
            let byte = text[index]
            if isPlain(byte) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(hexDigit(for: byte >> 4))
                bytes.append(hexDigit(for: byte & 0xF))
            }
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "<"), UInt8(ascii: ">"): false
        case UInt8(ascii: "\\"), UInt8(ascii: "#"): false
        default: (0x21...0x7E).contains(byte)
        }
    }

    /// The byte encoded by the escape at this index, if it is well-formed.
    private static func escape(in text: Span<UInt8>, at index: Int) -> UInt8? {
        guard text[index] == UInt8(ascii: "%"), index + 2 < text.count,
            let high = ASCII.hexValue(of: text[index + 1]), let low = ASCII.hexValue(of: text[index + 2])
        else { return nil }
        return high << 4 | low
    }

    private static func hexDigit(for value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + (value - 10)
    }
}
