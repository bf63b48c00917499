// Where a token ends. They take a position and return another, which so stays in a register.
extension JSONScanner {
    /// The byte at a position, or 0 at the end: no token of JSON starts with NUL.
    @inline(__always)
    static func byte(_ position: Int, in text: Span<UInt8>) -> UInt8 {
        position < text.count ? text[position] : 0
    }

    @inline(__always)
    static func endOfWhiteSpace(_ start: Int, in text: Span<UInt8>) -> Int {
        guard byte(start, in: text) <= UInt8(ascii: " ") else { return start }
        return endOfSomeWhiteSpace(start, in: text)
    }

    /// Apart, since most programs write none.
    @inline(never)
    private static func endOfSomeWhiteSpace(_ start: Int, in text: Span<UInt8>) -> Int {
        var position = start
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): position &+= 1
            default: return position
            }
        }
        return position
    }

    /// The end of an object's key that starts here, of its colon, and of white space behind it.
    @inline(__always)
    static func endOfKey(_ start: Int, in text: Span<UInt8>) throws(MalformedJSON) -> Int {
        guard byte(start, in: text) == UInt8(ascii: "\"") else { throw MalformedJSON() }
        let end = endOfWhiteSpace(try endOfString(start &+ 1, in: text), in: text)
        guard byte(end, in: text) == UInt8(ascii: ":") else { throw MalformedJSON() }
        return endOfWhiteSpace(end &+ 1, in: text)
    }

    /// - Parameter start: of a digit, or of a minus.
    @inline(__always)
    static func endOfNumber(_ start: Int, in text: Span<UInt8>) throws(MalformedJSON) -> Int {
        var position = byte(start, in: text) == UInt8(ascii: "-") ? start &+ 1 : start
        if byte(position, in: text) == UInt8(ascii: "0") {
            position &+= 1
        } else {
            position = try endOfDigits(position, in: text)
        }
        if byte(position, in: text) == UInt8(ascii: ".") {
            position = try endOfDigits(position &+ 1, in: text)
        }
        if byte(position, in: text) | 0x20 == UInt8(ascii: "e") {
            position &+= 1
            let sign = byte(position, in: text)
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { position &+= 1 }
            position = try endOfDigits(position, in: text)
        }
        return position
    }

    /// One digit or more.
    @inline(__always)
    private static func endOfDigits(_ start: Int, in text: Span<UInt8>) throws(MalformedJSON) -> Int {
        var position = start
        while byte(position, in: text) &- UInt8(ascii: "0") < 10 { position &+= 1 }
        guard position > start else { throw MalformedJSON() }
        return position
    }

    @inline(never)
    static func endOfWord(_ start: Int, in text: Span<UInt8>) throws(MalformedJSON) -> Int {
        switch byte(start, in: text) {
        case UInt8(ascii: "t") where text.hasBytes(of: "true", at: start): start &+ 4
        case UInt8(ascii: "f") where text.hasBytes(of: "false", at: start): start &+ 5
        case UInt8(ascii: "n") where text.hasBytes(of: "null", at: start): start &+ 4
        default: throw MalformedJSON()
        }
    }
}
