/// The header fields that govern the connection and the body, collected while a head is parsed.
///
/// They decide where a message ends and who reads what follows, so two readings of them are how requests get smuggled.
/// Anything ambiguous is refused.
struct ConnectionFields: Sendable {
    private(set) var hasHost = false
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var asksToClose = false
    private(set) var asksToKeepAlive = false
    private(set) var asksToUpgrade = false
    private(set) var offersWebSocket = false

    /// Takes note of a field, if it matters here; `bytes` holds its line end too.
    mutating func note(_ field: HeaderField, in bytes: Span<UInt8>) throws(HTTPFailure) {
        // The length alone rules out nearly every other field.
        let name = field.name
        switch name.count {
        case 4 where HeaderName.host.matches(bytes, name): try noteHost(field.value, in: bytes)
        case 7 where HeaderName.upgrade.matches(bytes, name): noteUpgrade(field.value, in: bytes)
        case 10 where HeaderName.connection.matches(bytes, name): noteConnection(field.value, in: bytes)
        case 14 where HeaderName.contentLength.matches(bytes, name): try noteLength(field.value, in: bytes)
        case 17 where HeaderName.transferEncoding.matches(bytes, name): try noteCoding(field.value, in: bytes)
        default: break
        }
    }

    private mutating func noteHost(_ value: Range<Int>, in bytes: Span<UInt8>) throws(HTTPFailure) {
        guard !hasHost else { throw .malformedHost }
        for index in value where !ByteClass.isHost(bytes[index]) {
            throw .malformedHost
        }
        hasHost = true
    }

    private mutating func noteUpgrade(_ value: Range<Int>, in bytes: Span<UInt8>) {
        var list = FieldList(value)
        while let element = list.next(in: bytes) {
            if bytes.equalsIgnoringCase(Self.webSocket, in: element) { offersWebSocket = true }
        }
    }

    private mutating func noteConnection(_ value: Range<Int>, in bytes: Span<UInt8>) {
        var list = FieldList(value)
        while let element = list.next(in: bytes) {
            switch element.count {
            case 5 where bytes.equalsIgnoringCase(Self.close, in: element): asksToClose = true
            case 7 where bytes.equalsIgnoringCase(HeaderName.upgrade.bytes, in: element): asksToUpgrade = true
            case 10 where bytes.equalsIgnoringCase(Self.keepAlive, in: element): asksToKeepAlive = true
            default: break
            }
        }
    }

    /// Accepts digits only: no sign, no list, no second field even with the same value, and no trailing tab (some
    /// parsers take it for a part of the number).
    private mutating func noteLength(_ value: Range<Int>, in bytes: Span<UInt8>) throws(HTTPFailure) {
        guard contentLength == nil, !value.isEmpty else { throw .malformedContentLength }
        guard !isChunked else { throw .ambiguousBodyLength }
        var length = 0
        for index in value {
            let byte = bytes[index]
            guard ByteClass.isDigit(byte) else { throw .malformedContentLength }
            let (tens, isTooLarge) = length.multipliedReportingOverflow(by: 10)
            let (sum, isTooLargeAfterAll) = tens.addingReportingOverflow(Int(byte &- 0x30))
            guard !isTooLarge, !isTooLargeAfterAll else { throw .malformedContentLength }
            length = sum
        }
        var end = value.upperBound
        while bytes[end] == ByteClass.space { end += 1 }
        guard bytes[end] != ByteClass.tab else { throw .malformedContentLength }
        contentLength = length
    }

    /// Accepts `chunked`, once: the only coding whose end every recipient finds at the same place.
    private mutating func noteCoding(_ value: Range<Int>, in bytes: Span<UInt8>) throws(HTTPFailure) {
        guard contentLength == nil else { throw .ambiguousBodyLength }
        guard !isChunked, bytes.equalsIgnoringCase(Self.chunked, in: value) else { throw .unsupportedTransferEncoding }
        isChunked = true
    }

    private static let chunked = Array("chunked".utf8)
    private static let close = Array("close".utf8)
    private static let keepAlive = Array("keep-alive".utf8)
    private static let webSocket = Array("websocket".utf8)
}

extension ConnectionFields {
    /// True if both ends keep the connection open by these fields (RFC 9112, section 9.3).
    func keepsAlive(minorVersion: Int) -> Bool {
        !asksToClose && (minorVersion >= 1 || asksToKeepAlive)
    }
}
