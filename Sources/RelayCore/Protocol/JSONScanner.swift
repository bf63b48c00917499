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
    package private(set) var position = 0

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
        let start = position
        let kind: JSONValue.Kind
        switch peek(in: text) {
        case UInt8(ascii: "{"):
            try scanContainer(in: text, depth: depth)
            kind = .object
        case UInt8(ascii: "["):
            try scanContainer(in: text, depth: depth)
            kind = .array
        default:
            kind = try scanScalar(in: text)
        }
        return JSONValue(kind: kind, range: start..<position)
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
        position < text.count ? text[position] : 0
    }

    @inline(__always)
    mutating func advance(by count: Int = 1) {
        position &+= count
    }

    @inline(__always)
    mutating func skipWhiteSpace(in text: Span<UInt8>) {
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): advance()
            default: return
            }
        }
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
        guard skip(UInt8(ascii: "\""), in: text) else { throw MalformedJSON() }
        try scanStringRest(in: text)
        let key = start..<position
        skipWhiteSpace(in: text)
        guard skip(UInt8(ascii: ":"), in: text) else { throw MalformedJSON() }
        skipWhiteSpace(in: text)
        return key
    }

    @inline(__always)
    private mutating func scanScalar(in text: Span<UInt8>) throws(MalformedJSON) -> JSONValue.Kind {
        switch peek(in: text) {
        case UInt8(ascii: "\""):
            advance()
            try scanStringRest(in: text)
            return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            try scanNumber(in: text)
            return .number
        case UInt8(ascii: "t"):
            try scanWord("true", in: text)
            return .bool
        case UInt8(ascii: "f"):
            try scanWord("false", in: text)
            return .bool
        case UInt8(ascii: "n"):
            try scanWord("null", in: text)
            return .null
        default:
            throw MalformedJSON()
        }
    }

    @inline(__always)
    private mutating func scanWord(_ word: StaticString, in text: Span<UInt8>) throws(MalformedJSON) {
        guard text.hasBytes(of: word, at: position) else { throw MalformedJSON() }
        advance(by: word.utf8CodeUnitCount)
    }

    @inline(__always)
    private mutating func scanNumber(in text: Span<UInt8>) throws(MalformedJSON) {
        _ = skip(UInt8(ascii: "-"), in: text)
        if !skip(UInt8(ascii: "0"), in: text) {
            try scanDigits(in: text)
        }
        if skip(UInt8(ascii: "."), in: text) {
            try scanDigits(in: text)
        }
        if skip(UInt8(ascii: "e"), in: text) || skip(UInt8(ascii: "E"), in: text) {
            if !skip(UInt8(ascii: "+"), in: text) {
                _ = skip(UInt8(ascii: "-"), in: text)
            }
            try scanDigits(in: text)
        }
    }

    /// One digit or more.
    @inline(__always)
    private mutating func scanDigits(in text: Span<UInt8>) throws(MalformedJSON) {
        let start = position
        while case UInt8(ascii: "0")...UInt8(ascii: "9") = peek(in: text) {
            advance()
        }
        guard position > start else { throw MalformedJSON() }
    }
}

// MARK: - Containers

extension JSONScanner {
    /// Skips the array or object that starts here, with its contents.
    private mutating func scanContainer(in text: Span<UInt8>, depth: Int) throws(MalformedJSON) {
        var open = OpenContainers(depth: depth)
        let outerDepth = depth
        while true {
            // A value starts here. An opened container either closes at once or leads to its first value.
            switch peek(in: text) {
            case UInt8(ascii: "{"):
                advance()
                try open.push(isObject: true)
                skipWhiteSpace(in: text)
                if peek(in: text) != UInt8(ascii: "}") {
                    _ = try scanKey(in: text)
                    continue
                }
            case UInt8(ascii: "["):
                advance()
                try open.push(isObject: false)
                skipWhiteSpace(in: text)
                if peek(in: text) != UInt8(ascii: "]") { continue }
            default:
                _ = try scanScalar(in: text)
                skipWhiteSpace(in: text)
            }

            // A value has ended, or an empty container is about to.
            while !skip(UInt8(ascii: ","), in: text) {
                guard skip(open.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"), in: text) else {
                    throw MalformedJSON()
                }
                open.pop()
                if open.depth == outerDepth { return }
                skipWhiteSpace(in: text)
            }
            skipWhiteSpace(in: text)
            if open.isObject { _ = try scanKey(in: text) }
        }
    }

    /// The kinds of the open containers, one bit each, so that depth costs no stack.
    private struct OpenContainers {
        private var isObjectBits = InlineArray<8, UInt64>(repeating: 0)
        private(set) var depth: Int
        /// True if the innermost container is an object.
        private(set) var isObject = false

        init(depth: Int) {
            self.depth = depth
        }

        @inline(__always)
        mutating func push(isObject: Bool) throws(MalformedJSON) {
            guard depth < JSONScanner.maximumDepth else { throw MalformedJSON() }
            let bit = 1 &<< UInt64(truncatingIfNeeded: depth & 63)
            if isObject { isObjectBits[depth >> 6] |= bit } else { isObjectBits[depth >> 6] &= ~bit }
            depth += 1
            self.isObject = isObject
        }

        /// After the last pop `isObject` is meaningless.
        @inline(__always)
        mutating func pop() {
            depth -= 1
            guard depth > 0 else { return }
            let outer = depth - 1
            isObject = isObjectBits[outer >> 6] &>> UInt64(truncatingIfNeeded: outer & 63) & 1 == 1
        }
    }
}
