/// A strict, bounded and incremental parser of one request head.
///
/// It is strict because a proxy in front of the relay reads the same bytes, and every leniency is a way to make the
/// two see different requests. Whatever it accepts, SwiftNIO's decoder (llhttp) reads the same; the tests and the
/// fuzzer ensure that. It refuses more than that decoder does:
/// - fragments, user information and schemes with anything but letters in a target, and every authority-form (so
///   `CONNECT`);
/// - versions other than 1.0 and 1.1, and more than one empty line before the request line;
/// - a missing, second or impossible `Host`, a second `Content-Length` even if it repeats the first, one beyond `Int`,
///   and every transfer coding but a single `chunked`;
/// - more than 100 fields and heads over `maxBytes`.
///
/// In one point it accepts more: a method may be any token, since an unknown one is answered 405 and not 400.
package struct RequestHeadParser: Sendable {
    /// The state of the parser: the element expected next.
    private enum Step {
        case start, emptyLineFeed, method, target, version, fields
    }

    private let maxBytes: Int
    private var step = Step.start
    /// The first byte not examined yet, until the fields begin.
    private var position = 0
    private var lineStart = 0
    private var method = HTTPMethod.other
    private var targetStart = 0
    private var targetEnd = 0
    private var minorVersion = 1
    private var fields = FieldParser(position: 0)

    /// - Parameter maxBytes: the longest head accepted, the empty line included; at most 65,535.
    package init(maxBytes: Int = 16_384) {
        precondition((1...Int(UInt16.max)).contains(maxBytes), "Offsets into a head are 16 bits")
        self.maxBytes = maxBytes
    }

    /// The head, or nil if more bytes are needed.
    ///
    /// `bytes` begins where the head begins. Each call passes the same bytes with more after them; no byte is
    /// examined again. After a head the parser is ready for the next one, which begins at the head's `length`; after
    /// an error it is unusable.
    package mutating func parse(_ bytes: Span<UInt8>) throws(HTTPFailure) -> RequestHead? {
        let window = bytes.extracting(first: maxBytes)
        guard try parseRequestLine(window), try fields.parse(window) else {
            // A head that fills the window without ending is too long, wherever the bytes passed so far end.
            guard window.count < maxBytes else { throw .headTooLarge }
            return nil
        }
        guard fields.connection.hasHost || minorVersion == 0 else { throw .malformedHost }
        // HTTP/1.0 has no transfer codings: a recipient of that version would not look for chunks (RFC 9112, section
        // 6.1).
        guard !fields.connection.isChunked || minorVersion >= 1 else { throw .unsupportedTransferEncoding }
        let head = RequestHead(
            method: method, target: targetStart..<targetEnd, minorVersion: minorVersion, parsed: fields)
        self = RequestHeadParser(maxBytes: maxBytes)
        return head
    }

    /// Returns true once the request line has been parsed.
    private mutating func parseRequestLine(_ bytes: Span<UInt8>) throws(HTTPFailure) -> Bool {
        while step != .fields {
            guard position < bytes.count else { return false }
            switch step {
            case .start: startHead(bytes[position])
            case .emptyLineFeed: try endEmptyLine(bytes[position])
            case .method: try readMethod(bytes)
            case .target: try readTarget(bytes)
            case .version: try readVersion(bytes)
            case .fields: break
            }
        }
        return true
    }

    /// One empty line may precede a request: some clients send it after a body (RFC 9112, section 2.2).
    private mutating func startHead(_ byte: UInt8) {
        if byte == ByteClass.carriageReturn {
            position += 1
            step = .emptyLineFeed
        } else {
            step = .method
        }
    }

    private mutating func endEmptyLine(_ byte: UInt8) throws(HTTPFailure) {
        guard byte == ByteClass.lineFeed else { throw .malformedRequestLine }
        position += 1
        lineStart = position
        step = .method
    }

    private mutating func readMethod(_ bytes: Span<UInt8>) throws(HTTPFailure) {
        var index = position
        while index < bytes.count, ByteClass.isToken(bytes[index]) { index += 1 }
        position = index
        guard index < bytes.count else { return }
        guard bytes[index] == ByteClass.space, index > lineStart else { throw .malformedRequestLine }
        method = HTTPMethod(bytes, lineStart..<index)
        position = index + 1
        targetStart = position
        step = .target
    }

    private mutating func readTarget(_ bytes: Span<UInt8>) throws(HTTPFailure) {
        var index = position
        while index < bytes.count, ByteClass.isVisible(bytes[index]) { index += 1 }
        position = index
        guard index < bytes.count else { return }
        guard bytes[index] == ByteClass.space, index > targetStart else { throw .malformedRequestLine }
        guard bytes.isRequestTarget(targetStart..<index) else { throw .malformedTarget }
        targetEnd = index
        position = index + 1
        step = .version
    }

    private mutating func readVersion(_ bytes: Span<UInt8>) throws(HTTPFailure) {
        let byte = bytes[position]
        switch position - targetEnd {
        case let offset where offset <= 7:
            guard byte == HTTPVersion.prefix(at: offset - 1) else {
                throw offset <= 5 ? .malformedRequestLine : .unsupportedVersion
            }
        case 8:
            guard byte == UInt8(ascii: "0") || byte == UInt8(ascii: "1") else { throw .unsupportedVersion }
            minorVersion = Int(byte &- 0x30)
        case 9:
            guard byte == ByteClass.carriageReturn else { throw .malformedRequestLine }
        default:
            guard byte == ByteClass.lineFeed else { throw .malformedRequestLine }
            fields = FieldParser(position: position + 1)
            step = .fields
        }
        position += 1
    }
}

/// The prefix `HTTP/1.` of a version.
enum HTTPVersion {
    /// Its bytes, the first one lowest.
    private static let text: UInt64 = 0x2E_31_2F_50_54_54_48

    static func prefix(at index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: text &>> UInt64(8 * index))
    }
}

extension HTTPMethod {
    fileprivate init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        switch range.count {
        case 3 where bytes.equals(Self.getName, in: range): self = .get
        case 3 where bytes.equals(Self.putName, in: range): self = .put
        case 4 where bytes.equals(Self.headName, in: range): self = .head
        case 6 where bytes.equals(Self.deleteName, in: range): self = .delete
        case 7 where bytes.equals(Self.optionsName, in: range): self = .options
        default: self = .other
        }
    }

    private static let getName = Array("GET".utf8)
    private static let headName = Array("HEAD".utf8)
    private static let putName = Array("PUT".utf8)
    private static let deleteName = Array("DELETE".utf8)
    private static let optionsName = Array("OPTIONS".utf8)
}

extension Span where Element == UInt8 {
    /// True if these visible characters are an origin-form, an absolute-form with a host, or `*`.
    fileprivate func isRequestTarget(_ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        if self[index] == UInt8(ascii: "*") { return range.count == 1 }
        if self[index] != UInt8(ascii: "/") {
            guard let hostStart = endOfScheme(range) else { return false }
            index = hostStart
            while index < range.upperBound, ByteClass.isHost(self[index]) { index += 1 }
            guard index > hostStart else { return false }
            guard index < range.upperBound else { return true }
            guard self[index] == UInt8(ascii: "/") || self[index] == UInt8(ascii: "?") else { return false }
        }
        while index < range.upperBound, self[index] != UInt8(ascii: "#") { index += 1 }
        return index == range.upperBound
    }

    /// The start of the host, after letters and `://`; nil if the range does not begin with those.
    private func endOfScheme(_ range: Range<Int>) -> Int? {
        var index = range.lowerBound
        while index < range.upperBound, ByteClass.isLetter(self[index]) { index += 1 }
        guard index > range.lowerBound, range.upperBound - index >= 3 else { return nil }
        guard self[index] == UInt8(ascii: ":"), self[index + 1] == UInt8(ascii: "/") else { return nil }
        return self[index + 2] == UInt8(ascii: "/") ? index + 3 : nil
    }
}
