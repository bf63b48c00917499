// Where a token ends. They take a position and return another, which so stays in a register.
extension JSONScanner {
    /// The byte at a position, or 0 at the end: no token of JSON starts with NUL.
    @inline(__always)
    static func byte(_ position: Int, in text: Span<UInt8>) -> UInt8 {
        text.byte(at: position)
    }

    @inline(__always)
    static func endOfWhiteSpace(_ start: Int, in text: Span<UInt8>) -> Int {
        guard byte(start, in: text) <= UInt8(ascii: " ") else { return start }
        return endOfSomeWhiteSpace(start, in: text)
    }

    /// Apart, since most programs write none.
    @inline(never)
    static func endOfSomeWhiteSpace(_ start: Int, in text: Span<UInt8>) -> Int {
        var position = start
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): position &+= 1
            default: return position
            }
        }
        return position
    }

    /// The first byte of the next token, to which it moves the position; 0 at the end.
    @inline(__always)
    static func token(at position: inout Int, in text: Span<UInt8>) -> UInt8 {
        let next = byte(position, in: text)
        if next > UInt8(ascii: " ") { return next }
        position = endOfSomeWhiteSpace(position, in: text)
        return byte(position, in: text)
    }

    /// - Parameter first: the byte there. No number starts with anything but a digit or a minus.
    @inline(__always)
    static func endOfNumber(
        _ start: Int, startingWith first: UInt8, in text: Span<UInt8>
    ) throws(MalformedJSON) -> Int {
        var position = start &+ 1
        var digit = first
        if first == UInt8(ascii: "-") {
            digit = byte(position, in: text)
            position &+= 1
        }
        guard digit &- UInt8(ascii: "0") < 10 else { throw MalformedJSON() }
        var next = byte(position, in: text)
        // A zero in front is the whole of it: the caller finds no end of a value in a digit behind it.
        if digit != UInt8(ascii: "0") {
            while next &- UInt8(ascii: "0") < 10 {
                position &+= 1
                next = byte(position, in: text)
            }
        }
        if next == UInt8(ascii: ".") {
            position = try endOfDigits(position &+ 1, in: text)
            next = byte(position, in: text)
        }
        if next | 0x20 == UInt8(ascii: "e") {
            let sign = byte(position &+ 1, in: text)
            let isSigned = sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")
            position = try endOfDigits(position &+ (isSigned ? 2 : 1), in: text)
        }
        return position
    }

    /// One digit or more.
    @inline(__always)
    private static func endOfDigits(_ start: Int, in text: Span<UInt8>) throws(MalformedJSON) -> Int {
        guard byte(start, in: text) &- UInt8(ascii: "0") < 10 else { throw MalformedJSON() }
        var position = start &+ 1
        while byte(position, in: text) &- UInt8(ascii: "0") < 10 { position &+= 1 }
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
