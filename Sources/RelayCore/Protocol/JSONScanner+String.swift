extension JSONScanner {
    /// The end of a string, behind its closing quote.
    ///
    /// - Parameter start: behind its opening quote.
    @inline(__always)
    static func endOfString(_ start: Int, in text: Span<UInt8>) throws(MalformedJSON) -> Int {
        let position = endOfShortText(start, in: text)
        if byte(position, in: text) == UInt8(ascii: "\"") { return position &+ 1 }
        return try endOfUnusualString(position, in: text)
    }

    /// The end of an object's key, and of its colon.
    ///
    /// - Parameter start: behind the key's opening quote.
    @inline(__always)
    static func endOfKey(_ start: Int, in text: Span<UInt8>) throws(MalformedJSON) -> Int {
        let position = endOfShortText(start, in: text)
        if text.pair(at: position) == UInt16(bytesOf: "\":") { return position &+ 2 }
        return try endOfUnusualKey(position, in: text)
    }

    @inline(never)
    private static func endOfUnusualKey(_ start: Int, in text: Span<UInt8>) throws(MalformedJSON) -> Int {
        var position = try endOfUnusualString(start, in: text)
        guard token(at: &position, in: text) == UInt8(ascii: ":") else { throw MalformedJSON() }
        return position &+ 1
    }

    /// The end of a string that is long, or has more than plain bytes. Apart, so that the common one is scanned inline.
    ///
    /// - Parameter start: somewhere in it.
    @inline(never)
    private static func endOfUnusualString(_ start: Int, in text: Span<UInt8>) throws(MalformedJSON) -> Int {
        var position = start
        while true {
            let byte = byte(position, in: text)
            if byte == UInt8(ascii: "\"") {
                return position &+ 1
            } else if byte >= 0x80 {
                // Characters of other scripts come in runs.
                repeat {
                    position = try endOfMultibyteScalar(position, in: text)
                } while Self.byte(position, in: text) >= 0x80
            } else if byte == UInt8(ascii: "\\") {
                position = try endOfEscape(position, in: text)
            } else if byte < 0x20 {
                // A control character, or the end of the text.
                throw MalformedJSON()
            }
            position = endOfPlainBytes(position, in: text)
        }
    }

    /// The next byte that is not plain (a quote, a backslash, a control character or one outside ASCII), or the end.
    @inline(__always)
    private static func endOfPlainBytes(_ start: Int, in text: Span<UInt8>) -> Int {
        var position = start
        while text.hasBytes(16, at: position) {
            let marks = specialBytes(at: position, in: text)
            if marks != 0 { return position &+ marks.trailingZeroBitCount &>> 2 }
            position &+= 16
        }
        return isPlain(byte(position, in: text)) ? endOfLastPlainBytes(position, in: text) : position
    }

    /// The same, if it is among the next sixteen; else the place behind those.
    @inline(__always)
    private static func endOfShortText(_ start: Int, in text: Span<UInt8>) -> Int {
        guard text.hasBytes(16, at: start) else { return endOfLastPlainBytes(start, in: text) }
        return start &+ specialBytes(at: start, in: text).trailingZeroBitCount &>> 2
    }

    /// The same where fewer than sixteen bytes are left.
    @inline(never)
    private static func endOfLastPlainBytes(_ start: Int, in text: Span<UInt8>) -> Int {
        let last = text.count &- 16
        if text.hasBytes(16, at: last), start >= last, start < text.count {
            // The last sixteen, without the marks of bytes before the start.
            let before = UInt64(truncatingIfNeeded: start &- last)
            let marks = specialBytes(at: last, in: text) & (.max &<< (8 &* (before &>> 1) &+ 7 &* (before & 1)))
            return last &+ marks.trailingZeroBitCount &>> 2
        }
        var position = start
        while isPlain(byte(position, in: text)) { position &+= 1 }
        return position
    }

    /// The bytes among the next sixteen that are not plain: a quarter of the lowest bit's place tells the first one.
    @inline(__always)
    private static func specialBytes(at position: Int, in text: Span<UInt8>) -> UInt64 {
        // The caller has checked the bounds, and every bit pattern is sixteen valid bytes.
        let bytes = unsafe text.bytes.unsafeLoadUnaligned(
            fromUncheckedByteOffset: position, as: SIMD16<Int8>.self)
        // A byte outside ASCII is negative. The XOR exchanges quote and space, so that the quote is below the bound.
        let (two, bound, backslash) = (
            SIMD16<Int8>(repeating: 2), SIMD16<Int8>(repeating: 0x21), SIMD16<Int8>(repeating: 0x5C)
        )
        let special = ((bytes ^ two) .< bound) .| (bytes .== backslash)
        // A mask is sixteen bytes too, of zeros or ones alone. Each two become one byte, as near as can be to their
        // number: 7F if the first is set, 80 if the second one is, FF if both are.
        let pairs = unsafe unsafeBitCast(special, to: SIMD8<Int16>.self)
        let (lowest, highest) = (SIMD8<Int16>(repeating: -128), SIMD8<Int16>(repeating: 127))
        let lowered = pairs.replacing(with: highest, where: pairs .> highest)
        let clamped = lowered.replacing(with: lowest, where: lowered .< lowest)
        return unsafe UInt64(
            littleEndian: unsafeBitCast(SIMD8<Int8>(truncatingIfNeeded: clamped), to: UInt64.self))
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    /// - Parameter start: of the backslash.
    @inline(__always)
    private static func endOfEscape(_ start: Int, in text: Span<UInt8>) throws(MalformedJSON) -> Int {
        switch byte(start &+ 1, in: text) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start &+ 2
        case UInt8(ascii: "u"):
            guard areHexadecimal(text.halfWord(at: start &+ 2)) else { throw MalformedJSON() }
            return start &+ 6
        default:
            throw MalformedJSON()
        }
    }

    /// True if all four bytes are hexadecimal digits.
    @inline(__always)
    private static func areHexadecimal(_ four: UInt32) -> Bool {
        // Adding carries into a byte's highest bit what is at least a bound; no byte carries into the next one.
        let low = four & 0x7F7F_7F7F
        let letters = low | 0x2020_2020
        let digits = (low &+ 0x5050_5050) & ~(low &+ 0x4646_4646)
        let aToF = (letters &+ 0x1F1F_1F1F) & ~(letters &+ 0x1919_1919)
        return (digits | aToF) & ~four & 0x8080_8080 == 0x8080_8080
    }

    /// The end of a scalar of two to four bytes, well-formed by table 3-7 of the Unicode Standard: no overlong forms,
    /// no surrogates, nothing above U+10FFFF.
    @inline(__always)
    private static func endOfMultibyteScalar(_ start: Int, in text: Span<UInt8>) throws(MalformedJSON) -> Int {
        // The second byte's range depends on the first; the rest are plain continuation bytes.
        let lead = byte(start, in: text)
        let (second, length): (ClosedRange<UInt8>, Int) =
            switch lead {
            case 0xC2...0xDF: (0x80...0xBF, 2)
            case 0xE0: (0xA0...0xBF, 3)
            case 0xED: (0x80...0x9F, 3)
            case 0xE1...0xEF: (0x80...0xBF, 3)
            case 0xF0: (0x90...0xBF, 4)
            case 0xF4: (0x80...0x8F, 4)
            case 0xF1...0xF3: (0x80...0xBF, 4)
            default: throw MalformedJSON()
            }
        guard second.contains(byte(start &+ 1, in: text)) else { throw MalformedJSON() }
        // Never fewer than two: then the compiler need not check the range.
        for position in start &+ 2..<start &+ max(length, 2) where byte(position, in: text) & 0xC0 != 0x80 {
            throw MalformedJSON()
        }
        return start &+ length
    }
}
