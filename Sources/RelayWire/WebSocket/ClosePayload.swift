/// The payload of a close frame (RFC 6455, section 5.5.1).
package struct ClosePayload: Hashable, Sendable {
    /// Nil for an empty close frame, which is answered with an empty one.
    package let code: CloseCode?
    /// The range of the reason in the bytes that the frame was parsed from; valid UTF-8, possibly empty.
    package let reason: Range<Int>

    /// Parses and checks the unmasked payload of a close frame in `range`.
    package init(_ bytes: Span<UInt8>, in range: Range<Int>) throws(WebSocketViolation) {
        guard !range.isEmpty else {
            self.code = nil
            self.reason = range
            return
        }
        guard range.count >= 2 else { throw .truncatedCloseCode }
        let code = CloseCode(rawValue: UInt16(bytes[range.lowerBound]) << 8 | UInt16(bytes[range.lowerBound + 1]))
        guard code.isAllowedOnWire else { throw .forbiddenCloseCode }
        let reason = range.dropFirst(2)
        var validator = UTF8Validator()
        guard validator.consume(bytes.extracting(reason)), validator.isComplete else { throw .invalidCloseReason }
        self.code = code
        self.reason = reason
    }
}
