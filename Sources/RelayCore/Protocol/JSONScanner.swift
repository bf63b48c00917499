/// The error for a text that is not JSON.
package struct MalformedJSON: Error, Hashable {
    package init() {}
}

/// Scans and validates a JSON text (RFC 8259) without copying or allocating.
///
/// It is the only check between one client's bytes and another's parser: a text that passes is forwarded unchanged.
/// It therefore accepts exactly the RFC's grammar, in UTF-8 without a byte order mark. Two rules go beyond the grammar:
/// - Containers nest at most `maximumDepth` deep. The kind of each takes one bit, not a stack frame.
/// - An escaped surrogate may stand alone (`"\ud83d"`): the grammar allows it, and JavaScript writes it for a string
///   cut inside an emoji.
///
/// The text is passed to every call and not stored: it must be the same text each time.
package struct JSONScanner {
    /// The deepest nesting of arrays and objects, the outermost one included.
    package static let maximumDepth = 512

    /// The offset of the next byte to look at.
    package internal(set) var position = 0

    package init() {}

    /// A scanner within a text that has been validated.
    init(at position: Int) {
        self.position = position
    }

    /// Validates a whole text: one value, with optional white space around it.
    package static func scan(_ text: Span<UInt8>) throws(MalformedJSON) -> JSONValue {
        var scanner = JSONScanner()
        scanner.skipWhiteSpace(in: text)
        let value = try scanner.scanValue(in: text)
        try scanner.finish(in: text)
        return value
    }

    /// Skips one value that starts at `position`.
    ///
    /// - Parameter depth: the number of containers already open around it.
    package mutating func scanValue(in text: Span<UInt8>, depth: Int = 0) throws(MalformedJSON) -> JSONValue {
        let value = try Self.value(at: position, in: text, depth: depth)
        position = value.range.upperBound
        return value
    }

    /// The value that starts here.
    @inline(__always)
    static func value(at start: Int, in text: Span<UInt8>, depth: Int) throws(MalformedJSON) -> JSONValue {
        let kind: JSONValue.Kind
        let end: Int
        let first = byte(start, in: text)
        switch first {
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            end = try endOfContainer(start, in: text, depth: depth)
            kind = first == UInt8(ascii: "{") ? .object : .array
        case UInt8(ascii: "\""):
            end = try endOfString(start &+ 1, in: text)
            kind = .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            end = try endOfNumber(start, startingWith: first, in: text)
            kind = .number
        default:
            end = try endOfWord(start, in: text)
            kind = first == UInt8(ascii: "n") ? .null : .bool
        }
        return JSONValue(kind: kind, range: start..<end)
    }

    /// Throws unless only white space follows.
    package mutating func finish(in text: Span<UInt8>) throws(MalformedJSON) {
        skipWhiteSpace(in: text)
        guard position == text.count else { throw MalformedJSON() }
    }
}

// MARK: - Tokens

extension JSONScanner {
    /// The byte at `position`, or 0 at the end: no token of JSON starts with NUL.
    @inline(__always)
    func peek(in text: Span<UInt8>) -> UInt8 {
        Self.byte(position, in: text)
    }

    @inline(__always)
    mutating func advance(by count: Int = 1) {
        position &+= count
    }

    @inline(__always)
    mutating func skipWhiteSpace(in text: Span<UInt8>) {
        position = Self.endOfWhiteSpace(position, in: text)
    }

    /// Skips `byte` if it is the next one.
    @inline(__always)
    mutating func skip(_ byte: UInt8, in text: Span<UInt8>) -> Bool {
        guard peek(in: text) == byte else { return false }
        advance()
        return true
    }

    /// Skips an object's key, its colon and white space; returns the key with its quotes.
    @inline(__always)
    mutating func scanKey(in text: Span<UInt8>) throws(MalformedJSON) -> Range<Int> {
        let start = position
        guard peek(in: text) == UInt8(ascii: "\"") else { throw MalformedJSON() }
        let key = start..<(try Self.endOfString(start &+ 1, in: text))
        position = key.upperBound
        guard Self.token(at: &position, in: text) == UInt8(ascii: ":") else { throw MalformedJSON() }
        advance()
        skipWhiteSpace(in: text)
        return key
    }
}
