/// Decodes a validated JSON string byte by byte: UTF-8, with the escapes resolved.
///
/// A lone surrogate has no UTF-8. It is encoded in three bytes like any other code point of that size (generalised
/// UTF-8, also called WTF-8), which no other string yields: different strings stay different.
struct JSONStringReader {
    /// Treatment of lone surrogates.
    enum LoneSurrogate {
        case kept
        /// Replaced by U+FFFD, as JavaScript does when it encodes a string as UTF-8.
        case replaced
    }

    private var position: Int
    private let end: Int
    private let loneSurrogate: LoneSurrogate
    /// Remaining bytes of the last escape, the next one lowest. None of them is 0.
    private var pending: UInt32 = 0

    /// - Parameter string: the range of the string, quotes included.
    init(_ string: Range<Int>, loneSurrogate: LoneSurrogate = .kept) {
        position = string.lowerBound + 1
        end = string.upperBound - 1
        self.loneSurrogate = loneSurrogate
    }

    mutating func next(in text: Span<UInt8>) -> UInt8? {
        if pending != 0 {
            defer { pending >>= 8 }
            return UInt8(truncatingIfNeeded: pending)
        }
        guard position < end else { return nil }
        let byte = text[position]
        position += 1
        return byte == UInt8(ascii: "\\") ? readEscape(in: text) : byte
    }

    private mutating func readEscape(in text: Span<UInt8>) -> UInt8 {
        let escaped = text[position]
        position += 1
        switch escaped {
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"): return encode(readCodePoint(in: text))
        default: return escaped
        }
    }

    /// The code point of `\uXXXX`, or of a surrogate pair of two; `position` is behind the first `u`.
    private mutating func readCodePoint(in text: Span<UInt8>) -> UInt32 {
        let unit = readCodeUnit(in: text)
        guard 0xD800...0xDFFF ~= unit else { return unit }
        if unit < 0xDC00, text.hasBytes(of: "\\u", at: position) {
            let behindFirst = position
            position += 2
            let low = readCodeUnit(in: text)
            if 0xDC00...0xDFFF ~= low {
                return 0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)
            }
            position = behindFirst
        }
        return loneSurrogate == .kept ? unit : 0xFFFD
    }

    private mutating func readCodeUnit(in text: Span<UInt8>) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            let digit = text[position]
            let value = digit <= UInt8(ascii: "9") ? digit & 0x0F : (digit & 0x0F) + 9
            unit = unit << 4 | UInt32(value)
            position += 1
        }
        return unit
    }

    /// The first byte of the code point's UTF-8; the others become pending.
    private mutating func encode(_ codePoint: UInt32) -> UInt8 {
        func continuation(_ shift: UInt32) -> UInt32 { 0x80 | codePoint >> shift & 0x3F }
        switch codePoint {
        case ..<0x80:
            return UInt8(codePoint)
        case ..<0x800:
            pending = continuation(0)
            return UInt8(0xC0 | codePoint >> 6)
        case ..<0x10000:
            pending = continuation(6) | continuation(0) << 8
            return UInt8(0xE0 | codePoint >> 12)
        default:
            pending = continuation(12) | continuation(6) << 8 | continuation(0) << 16
            return UInt8(0xF0 | codePoint >> 18)
        }
    }
}

extension JSONValue {
    /// The decoded string, or nil if it takes more than `limit` bytes.
    func decodedString(
        in text: Span<UInt8>, atMost limit: Int = .max, loneSurrogate: JSONStringReader.LoneSurrogate = .kept
    ) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(limit, range.count))
        var reader = JSONStringReader(range, loneSurrogate: loneSurrogate)
        while let byte = reader.next(in: text) {
            guard bytes.count < limit else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// True if this is a string whose content is exactly `literal`, however it is escaped.
    @inline(__always)
    func isString(_ literal: StaticString, in text: Span<UInt8>) -> Bool {
        guard kind == .string else { return false }
        if range.count == literal.utf8CodeUnitCount + 2, text.hasBytes(of: literal, at: range.lowerBound + 1) {
            return true
        }
        // An escape takes two to six bytes for one, so the length alone decides for most strings.
        let length = literal.utf8CodeUnitCount
        guard length + 2 < range.count, range.count <= 6 * length + 2 else { return false }
        return JSONStringReader.spells(literal, range, in: text)
    }
}

extension JSONStringReader {
    /// The same byte by byte, for a string that may have escapes.
    @inline(never)
    static func spells(_ literal: StaticString, _ string: Range<Int>, in text: Span<UInt8>) -> Bool {
        var reader = JSONStringReader(string)
        // The pointer is to a literal, which lives as long as the process; the index stays below its count.
        let bytes = unsafe literal.utf8Start
        for index in 0..<literal.utf8CodeUnitCount where unsafe reader.next(in: text) != bytes[index] {
            return false
        }
        return reader.next(in: text) == nil
    }
}
