extension JSONScanner {
    /// Skips the rest of a string, after its opening quote, and its closing quote.
    @inline(__always)
    mutating func scanStringRest(in text: Span<UInt8>) throws(MalformedJSON) {
        skipPlainBytes(in: text)
        if !skip(UInt8(ascii: "\""), in: text) {
            try scanSpecialStringRest(in: text)
        }
    }

    /// The same, from the first byte that is neither plain nor the closing quote. A separate function, so that the
    /// common short, plain string is scanned inline.
    @inline(never)
    private mutating func scanSpecialStringRest(in text: Span<UInt8>) throws(MalformedJSON) {
        repeat {
            let byte = peek(in: text)
            if byte >= 0x80 {
                // Characters of other scripts come in runs.
                repeat { try scanMultibyteScalar(in: text) } while peek(in: text) >= 0x80
            } else if byte == UInt8(ascii: "\\") {
                repeat { try scanEscape(in: text) } while peek(in: text) == UInt8(ascii: "\\")
            } else {
                // A control character, or the end of the text.
                throw MalformedJSON()
            }
            skipPlainBytes(in: text)
        } while !skip(UInt8(ascii: "\""), in: text)
    }

    /// Moves to the next byte that is not plain: a quote, a backslash, a control character or one outside ASCII.
    ///
    /// Keys end within the first eight bytes; most bytes of a message are in longer strings, which are scanned 32 at
    /// a time.
    @inline(__always)
    private mutating func skipPlainBytes(in text: Span<UInt8>) {
        // All uses are bounds-checked, and every bit pattern is a valid byte and a valid integer.
        let raw = unsafe text.bytes
        if position &+ 8 <= raw.byteCount, !skipPlainWord(in: raw) { return }
        while position &+ 32 <= raw.byteCount {
            let words = unsafe raw.unsafeLoadUnaligned(fromByteOffset: position, as: SIMD4<UInt64>.self)
            let marks = Self.marks(words[0]) | Self.marks(words[1]) | Self.marks(words[2]) | Self.marks(words[3])
            guard marks == 0 else { break }
            advance(by: 32)
        }
        while position &+ 8 <= raw.byteCount {
            guard skipPlainWord(in: raw) else { return }
        }
        while position < text.count, Self.isPlain(text[position]) {
            advance()
        }
    }

    /// Skips the next eight bytes and returns true, or moves to the first of them that is not plain and returns false.
    @inline(__always)
    private mutating func skipPlainWord(in raw: RawSpan) -> Bool {
        let word = unsafe raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
        let marks = Self.marks(UInt64(littleEndian: word))
        advance(by: marks == 0 ? 8 : marks.trailingZeroBitCount &>> 3)
        return marks == 0
    }

    /// Marks the bytes of a word that are not plain in their high bits.
    ///
    /// Each of the three tests sets the high bit of a byte that matches, and through the borrow perhaps of bytes
    /// above it. So the lowest mark is exact, and there is no mark without a match.
    @inline(__always)
    private static func marks(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highBits = ones &* 0x80
        let control = word &- ones &* 0x20
        let quote = (word ^ (ones &* UInt64(UInt8(ascii: "\"")))) &- ones
        let backslash = (word ^ (ones &* UInt64(UInt8(ascii: "\\")))) &- ones
        // A byte whose own high bit is set is never plain, so the tests need not mask it out.
        return (word | control | quote | backslash) & highBits
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    @inline(__always)
    private mutating func scanEscape(in text: Span<UInt8>) throws(MalformedJSON) {
        advance()
        let escaped = peek(in: text)
        advance()
        switch escaped {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            for _ in 0..<4 {
                switch peek(in: text) {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"):
                    advance()
                default:
                    throw MalformedJSON()
                }
            }
        default:
            throw MalformedJSON()
        }
    }

    /// Skips one scalar of two to four bytes, well-formed by table 3-7 of the Unicode Standard: no overlong forms, no
    /// surrogates, nothing above U+10FFFF.
    @inline(__always)
    private mutating func scanMultibyteScalar(in text: Span<UInt8>) throws(MalformedJSON) {
        let lead = peek(in: text)
        advance()
        // The second byte's range depends on the first; the rest are plain continuation bytes.
        switch lead {
        case 0xC2...0xDF:
            try scanByte(0x80...0xBF, in: text)
        case 0xE0...0xEF:
            try scanByte(lead == 0xE0 ? 0xA0...0xBF : lead == 0xED ? 0x80...0x9F : 0x80...0xBF, in: text)
            try scanByte(0x80...0xBF, in: text)
        case 0xF0...0xF4:
            try scanByte(lead == 0xF0 ? 0x90...0xBF : lead == 0xF4 ? 0x80...0x8F : 0x80...0xBF, in: text)
            try scanByte(0x80...0xBF, in: text)
            try scanByte(0x80...0xBF, in: text)
        default:
            throw MalformedJSON()
        }
    }

    @inline(__always)
    private mutating func scanByte(_ range: ClosedRange<UInt8>, in text: Span<UInt8>) throws(MalformedJSON) {
        guard range.contains(peek(in: text)) else { throw MalformedJSON() }
        advance()
    }
}

extension Span<UInt8> {
    /// True if the bytes from `offset` begin with `literal`.
    @inline(__always)
    func hasBytes(of literal: StaticString, at offset: Int) -> Bool {
        let length = literal.utf8CodeUnitCount
        guard count - offset >= length else { return false }
        // The pointer is to a literal, which lives as long as the process; the index stays below its count.
        let bytes = unsafe literal.utf8Start
        for index in 0..<length where unsafe self[offset + index] != bytes[index] {
            return false
        }
        return true
    }
}
