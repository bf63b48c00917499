/// An incremental parser of one response head, as strict with fields as that of requests.
///
/// The relay only answers; this is for its health check, and for the clients of tests and load generator.
package struct ResponseHeadParser: Sendable {
    private let maxBytes: Int
    /// The first byte of the status line not examined yet.
    private var position = 0
    private var minorVersion = 1
    private var statusCode = 0
    private var isAfterCarriageReturn = false
    /// Nil until the status line has been parsed.
    private var fields: FieldParser?

    /// - Parameter maxBytes: the longest head accepted, the empty line included; at most 65,535.
    package init(maxBytes: Int = 16_384) {
        precondition((1...Int(UInt16.max)).contains(maxBytes), "Offsets into a head are 16 bits")
        self.maxBytes = maxBytes
    }

    /// The head, or nil if more bytes are needed; called like `RequestHeadParser.parse`.
    package mutating func parse(_ bytes: Span<UInt8>) throws(HTTPFailure) -> ResponseHead? {
        let window = bytes.extracting(first: maxBytes)
        while fields == nil, position < window.count {
            try readStatusLine(window[position])
            position += 1
        }
        guard try fields?.parse(window) == true, let parsed = fields else {
            guard window.count < maxBytes else { throw .headTooLarge }
            return nil
        }
        let head = ResponseHead(statusCode: statusCode, minorVersion: minorVersion, parsed: parsed)
        self = ResponseHeadParser(maxBytes: maxBytes)
        return head
    }

    /// Parses `HTTP/1.1 101 ` and a reason phrase, which means nothing (RFC 9112, section 4).
    private mutating func readStatusLine(_ byte: UInt8) throws(HTTPFailure) {
        switch position {
        case 0..<7:
            guard byte == HTTPVersion.prefix(at: position) else { throw .malformedStatusLine }
        case 7:
            guard byte == UInt8(ascii: "0") || byte == UInt8(ascii: "1") else { throw .unsupportedVersion }
            minorVersion = Int(byte &- 0x30)
        case 8, 12:
            guard byte == ByteClass.space else { throw .malformedStatusLine }
        case 9...11:
            guard ByteClass.isDigit(byte), position > 9 || (0x31...0x35).contains(byte) else {
                throw .malformedStatusLine
            }
            statusCode = statusCode * 10 + Int(byte &- 0x30)
        default:
            try readReason(byte)
        }
    }

    private mutating func readReason(_ byte: UInt8) throws(HTTPFailure) {
        if isAfterCarriageReturn {
            guard byte == ByteClass.lineFeed else { throw .malformedStatusLine }
            fields = FieldParser(position: position + 1)
        } else if byte == ByteClass.carriageReturn {
            isAfterCarriageReturn = true
        } else {
            guard ByteClass.isFieldContent(byte) else { throw .malformedStatusLine }
        }
    }
}
