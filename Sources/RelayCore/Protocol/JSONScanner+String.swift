extension JSONScanner {
    /// The end of a string, behind its closing quote.
    ///
    /// - Parameter start: behind its opening quote.
    @inline(__always)
    static func endOfString(_ start: Int, in text: Span<UInt8>) throws(MalformedJSON) -> Int {
        // Keys and short texts end within the first sixteen bytes.
        var position = start
        if start &+ 16 <= text.count {
            position &+= plainBytes(at: start, in: text)
            if byte(position, in: text) == UInt8(ascii: "\"") { return position &+ 1 }
        }
        return try endOfLongString(position, in: text)
    }

    /// The same for a string that is longer, or has more than plain bytes. Apart, so that the common one is scanned
    /// inline.
    @inline(never)
    private static func endOfLongString(_ start: Int, in text: Span<UInt8>) throws(MalformedJSON) -> Int {
        var position = start
        while true {
            position = endOfPlainBytes(position, in: text)
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
            } else {
                // A control character, or the end of the text.
                throw MalformedJSON()
            }
        }
    }

    /// The next byte that is not plain: a quote, a backslash, a control character or one outside ASCII.
    @inline(__always)
    private static func endOfPlainBytes(_ start: Int, in text: Span<UInt8>) -> Int {
        var position = start
        while position &+ 16 <= text.count {
            let count = plainBytes(at: position, in: text)
            position &+= count
            if count < 16 { return position }
        }
        while position < text.count, isPlain(text[position]) { position &+= 1 }
        return position
    }

    /// The number of plain bytes with which the next sixteen begin.
    @inline(__always)
    private static func plainBytes(at position: Int, in text: Span<UInt8>) -> Int {
        // The load is bounds-checked, and every bit pattern is sixteen valid bytes.
        let bytes = unsafe text.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: SIMD16<Int8>.self)
        // A byte outside ASCII is negative.
        let (space, quote, backslash) = (
            SIMD16<Int8>(repeating: 0x20), SIMD16<Int8>(repeating: 0x22), SIMD16<Int8>(repeating: 0x5C)
        )
        let special = (bytes .< space) .| (bytes .== quote) .| (bytes .== backslash)
        // A mask is sixteen bytes too, of zeros or ones alone.
        let words = unsafe unsafeBitCast(special, to: SIMD2<UInt64>.self)
        let first = UInt64(littleEndian: words[0])
        if first != 0 { return first.trailingZeroBitCount &>> 3 }
        return 8 &+ UInt64(littleEndian: words[1]).trailingZeroBitCount &>> 3
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
            for position in start &+ 2..<start &+ 6 {
                switch byte(position, in: text) {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
                    UInt8(ascii: "A")...UInt8(ascii: "F"):
                    continue
                default:
                    throw MalformedJSON()
                }
            }
            return start &+ 6
        default:
            throw MalformedJSON()
        }
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

extension UInt64 {
    /// The bytes of a literal, the first one lowest; zeros behind them.
    @inline(__always)
    init(bytesOf literal: StaticString) {
        precondition(literal.utf8CodeUnitCount <= 8, "a word has eight bytes")
        var word: UInt64 = 0
        // The pointer is to a literal, which lives as long as the process; the index stays below its count.
        let bytes = unsafe literal.utf8Start
        for index in 0..<literal.utf8CodeUnitCount {
            unsafe word |= UInt64(bytes[index]) &<< UInt64(8 &* index)
        }
        self = word
    }
}

extension Span<UInt8> {
    /// Eight bytes, the first one lowest; zeros where fewer are left.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        guard offset &+ 8 <= count else { return 0 }
        // The load is bounds-checked, and every bit pattern is a valid integer.
        return UInt64(littleEndian: unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

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
