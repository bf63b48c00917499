extension JSONScanner {
    /// The end of the array or object that starts here, behind its contents.
    ///
    /// - Parameter depth: the number of containers already open around it.
    @inline(__always)
    static func endOfContainer(_ start: Int, in text: Span<UInt8>, depth: Int) throws(MalformedJSON) -> Int {
        if depth <= maximumDepth - FewContainers.most {
            let end = try endOfContainer(start, in: text, with: FewContainers())
            if end != tooDeep { return end }
        }
        // The few texts that nest deeper are read a second time.
        let end = try endOfContainer(start, in: text, with: ManyContainers(depth: depth))
        guard end != tooDeep else { throw MalformedJSON() }
        return end
    }

    /// In place of an end: more containers are open than can be kept.
    private static let tooDeep = -1

    /// One loop with a position of its own, which stays in a register: most of what a relay computes for a message
    /// happens here. White space is looked for only where a byte is not the one that programs write there.
    @inline(never)
    private static func endOfContainer<Containers: OpenContainers>(
        _ start: Int, in text: Span<UInt8>, with containers: Containers
    ) throws(MalformedJSON) -> Int {
        var position = start
        var open = containers
        var isKey = false
        values: while true {
            if isKey { position = try endOfKey(position, in: text) }
            let first = byte(position, in: text)
            if first == UInt8(ascii: "\"") {
                position = try endOfString(position &+ 1, in: text)
            } else if first > UInt8(ascii: "9") {
                if first | 0x20 != UInt8(ascii: "{") {
                    position = try endOfWord(position, in: text)
                } else {
                    if open.isFull { return tooDeep }
                    open.push(first)
                    position &+= 1
                    let next = token(at: &position, in: text)
                    // The closing bracket is two behind the opening one in ASCII.
                    if next != first &+ 2 {
                        isKey = open.isObject
                        if isKey {
                            guard next == UInt8(ascii: "\"") else { throw MalformedJSON() }
                            position &+= 1
                        }
                        continue values
                    }
                }
            } else if first > UInt8(ascii: " ") {
                position = try endOfNumber(position, startingWith: first, in: text)
            } else {
                guard token(at: &position, in: text) > UInt8(ascii: " ") else { throw MalformedJSON() }
                isKey = false
                continue values
            }

            // A value has ended, or an empty container is about to.
            while true {
                isKey = open.isObject
                if isKey, text.pair(at: position) == UInt16(bytesOf: ",\"") {
                    position &+= 2
                    continue values
                }
                let next = token(at: &position, in: text)
                position &+= 1
                if next == UInt8(ascii: ",") {
                    if isKey {
                        guard token(at: &position, in: text) == UInt8(ascii: "\"") else { throw MalformedJSON() }
                        position &+= 1
                    }
                    continue values
                }
                guard next == (isKey ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { throw MalformedJSON() }
                open.pop()
                if open.isEmpty { return position }
            }
        }
    }
}

/// The kinds of the containers that are open.
private protocol OpenContainers {
    var isEmpty: Bool { get }
    /// True if no more can be opened.
    var isFull: Bool { get }
    /// True if the innermost one is an object.
    var isObject: Bool { get }
    /// - Parameter bracket: the opening one.
    mutating func push(_ bracket: UInt8)
    mutating func pop()
}

/// Up to 62 containers, one bit each, the innermost one lowest: they stay in a register, and nearly no text has more.
private struct FewContainers: OpenContainers {
    static let most = 62
    /// A bit is 1 for an array. The highest 1 stands below them all, for what is around.
    private var kinds: UInt64 = 1

    @inline(__always)
    var isEmpty: Bool { kinds == 1 }
    @inline(__always)
    var isFull: Bool { kinds >= 1 &<< UInt64(Self.most) }
    @inline(__always)
    var isObject: Bool { kinds & 1 == 0 }

    @inline(__always)
    mutating func push(_ bracket: UInt8) {
        kinds = kinds &<< 1 | (bracket == UInt8(ascii: "[") ? 1 : 0)
    }

    @inline(__always)
    mutating func pop() {
        kinds &>>= 1
    }
}

/// As many containers as may nest, one bit each, so that depth costs no stack.
private struct ManyContainers: OpenContainers {
    private var isArrayBits = InlineArray<8, UInt64>(repeating: 0)
    private let outerDepth: Int
    private var depth: Int

    /// - Parameter depth: the number of containers already open around them.
    init(depth: Int) {
        outerDepth = depth
        self.depth = depth
    }

    var isEmpty: Bool { depth == outerDepth }
    var isFull: Bool { depth >= JSONScanner.maximumDepth }
    var isObject: Bool { !isEmpty && isArrayBits[(depth - 1) >> 6] & bit(of: depth - 1) == 0 }

    private func bit(of level: Int) -> UInt64 {
        1 &<< UInt64(truncatingIfNeeded: level & 63)
    }

    mutating func push(_ bracket: UInt8) {
        if bracket == UInt8(ascii: "[") {
            isArrayBits[depth >> 6] |= bit(of: depth)
        } else {
            isArrayBits[depth >> 6] &= ~bit(of: depth)
        }
        depth += 1
    }

    mutating func pop() {
        depth -= 1
    }
}
