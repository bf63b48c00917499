extension JSONScanner {
    /// Skips the array or object that starts here, with its contents.
    ///
    /// One loop with a position of its own, which stays in a register: most of what a relay computes for a message
    /// happens here.
    mutating func scanContainer(in text: Span<UInt8>, depth: Int) throws(MalformedJSON) {
        var at = position
        var open = OpenContainers(depth: depth)
        values: while true {
            let byte = Self.byte(at, in: text)
            if byte == UInt8(ascii: "\"") {
                at = try Self.endOfString(at &+ 1, in: text)
            } else if byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "-") {
                at = try Self.endOfNumber(at, in: text)
            } else if byte == UInt8(ascii: "{") {
                try open.push(isObject: true)
                at = Self.endOfWhiteSpace(at &+ 1, in: text)
                if Self.byte(at, in: text) != UInt8(ascii: "}") {
                    at = try Self.endOfKey(at, in: text)
                    continue values
                }
            } else if byte == UInt8(ascii: "[") {
                try open.push(isObject: false)
                at = Self.endOfWhiteSpace(at &+ 1, in: text)
                if Self.byte(at, in: text) != UInt8(ascii: "]") { continue values }
            } else {
                at = try Self.endOfWord(at, in: text)
            }

            // A value has ended, or an empty container is about to.
            while true {
                at = Self.endOfWhiteSpace(at, in: text)
                let byte = Self.byte(at, in: text)
                if byte == UInt8(ascii: ",") {
                    at = Self.endOfWhiteSpace(at &+ 1, in: text)
                    if open.isObject { at = try Self.endOfKey(at, in: text) }
                    continue values
                }
                guard byte == (open.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw MalformedJSON() }
                at &+= 1
                open.pop()
                if open.depth == depth {
                    position = at
                    return
                }
            }
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
