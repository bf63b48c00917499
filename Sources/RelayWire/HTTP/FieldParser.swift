/// Parses the header fields of a request or response, including the empty line that ends them.
///
/// It can stop at any byte and resume with the next call, and examines each byte once (except for white space at a
/// value's end). Offsets count from the head's start.
struct FieldParser: Sendable {
    /// The state of the parser: the element expected next.
    private enum Step {
        case lineStart, name, padding, value, valueLineFeed, endLineFeed
    }

    /// Enough for browsers and the proxies in front of this relay, so that the array is allocated once.
    private static let usualFieldCount = 32
    static let maxFieldCount = 100

    private(set) var fields: [HeaderField] = []
    private(set) var connection = ConnectionFields()
    /// The first byte not examined yet; after the empty line, the head's length.
    private(set) var position: Int

    private var step = Step.lineStart
    private var nameStart = 0
    private var nameEnd = 0
    private var valueStart = 0

    /// - Parameter position: the end of the first line.
    init(position: Int) {
        self.position = position
    }

    /// Returns true at the end of the head, and false if more bytes are needed.
    mutating func parse(_ bytes: Span<UInt8>) throws(HTTPFailure) -> Bool {
        while position < bytes.count {
            switch step {
            case .lineStart: try startLine(bytes[position])
            case .name: try readName(bytes)
            case .padding: skipPadding(bytes)
            case .value: try readValue(bytes)
            case .valueLineFeed:
                guard bytes[position] == ByteClass.lineFeed else { throw .malformedField }
                position += 1
                step = .lineStart
            case .endLineFeed:
                guard bytes[position] == ByteClass.lineFeed else { throw .malformedField }
                position += 1
                return true
            }
        }
        return false
    }

    /// A line starts with a name or is empty; leading white space would be an obsolete line folding.
    private mutating func startLine(_ byte: UInt8) throws(HTTPFailure) {
        if byte == ByteClass.carriageReturn {
            position += 1
            step = .endLineFeed
            return
        }
        guard ByteClass.isToken(byte) else { throw .malformedField }
        guard fields.count < Self.maxFieldCount else { throw .tooManyFields }
        nameStart = position
        step = .name
    }

    private mutating func readName(_ bytes: Span<UInt8>) throws(HTTPFailure) {
        var index = position
        while index < bytes.count, ByteClass.isToken(bytes[index]) { index += 1 }
        position = index
        guard index < bytes.count else { return }
        guard bytes[index] == UInt8(ascii: ":") else { throw .malformedField }
        nameEnd = index
        position = index + 1
        step = .padding
    }

    private mutating func skipPadding(_ bytes: Span<UInt8>) {
        var index = position
        while index < bytes.count, ByteClass.isOptionalWhitespace(bytes[index]) { index += 1 }
        position = index
        guard index < bytes.count else { return }
        valueStart = index
        step = .value
    }

    private mutating func readValue(_ bytes: Span<UInt8>) throws(HTTPFailure) {
        let index = bytes.endOfFieldContent(from: position)
        position = index
        guard index < bytes.count else { return }
        guard bytes[index] == ByteClass.carriageReturn else { throw .malformedField }
        position = index + 1
        step = .valueLineFeed

        let field = HeaderField(name: nameStart..<nameEnd, value: bytes.trimmed(valueStart..<index))
        try connection.note(field, in: bytes)
        if fields.isEmpty { fields.reserveCapacity(Self.usualFieldCount) }
        fields.append(field)
    }
}
