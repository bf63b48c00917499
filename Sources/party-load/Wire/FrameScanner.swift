internal import RelayWire

/// Finds the messages in a server's stream by the headers of the frames, and skips the payloads.
///
/// It keeps its place between reads. Of a payload it looks at the first bytes of a text only, and copies nothing; a frame
/// longer than the buffer needs no more memory than a short one.
struct FrameScanner: Sendable {
    /// The event that ends at the current offset.
    enum Event {
        /// A complete text message. If it is long or fragmented, only its first bytes were read.
        case text(ServerText)
        case ping(Range<Int>)
        /// The peer closes, with this code.
        case close(Int?)
        /// A frame that needs no answer.
        case other
    }

    /// The longest frame that is read whole; a longer one is skipped as it arrives.
    static let longestAwaited = 4_096

    /// Bytes of a long frame that have yet to arrive.
    private var skipped = 0
    /// True if the frame being skipped ends its message.
    private var isFinal = true
    /// The first bytes of the message being skipped.
    private var head = ServerText(.unknown)

    /// Returns the next event and advances the offset past it; nil if more bytes are needed. The next call needs the bytes
    /// from the offset on again.
    @inline(__always)
    mutating func next(in bytes: Span<UInt8>, at offset: inout Int) throws(WebSocketViolation) -> Event? {
        if skipped > 0 { return skip(in: bytes, at: &offset) }
        guard let header = try FrameHeader(bytes, at: offset) else { return nil }
        guard header.maskingKey == nil else { throw .masked }
        let start = offset + header.length
        let available = bytes.count - start
        if header.opcode == .text, header.isFinal, header.payloadLength <= available {
            offset = start + header.payloadLength
            return .text(ServerText(bytes, in: start..<offset))
        }
        return try rare(header, in: bytes, at: &offset)
    }

    /// Handles control frames, long frames and fragments.
    private mutating func rare(
        _ header: FrameHeader, in bytes: Span<UInt8>, at offset: inout Int
    ) throws(WebSocketViolation) -> Event? {
        let start = offset + header.length
        let available = bytes.count - start
        if header.payloadLength > available, header.frameLength <= FrameScanner.longestAwaited { return nil }
        switch header.opcode {
        case .text, .binary, .continuation:
            if header.opcode != .continuation {
                guard min(header.payloadLength, ServerText.headLength) <= available else { return nil }
                head = ServerText(bytes, in: start..<start + min(header.payloadLength, available))
            }
            isFinal = header.isFinal
            skipped = header.payloadLength
            offset = start
            return skip(in: bytes, at: &offset)
        case .ping, .pong, .close:
            offset = start + header.payloadLength
            let payload = start..<offset
            if header.opcode == .ping { return .ping(payload) }
            if header.opcode == .pong { return .other }
            return .close(payload.count < 2 ? nil : Int(bytes[start]) << 8 | Int(bytes[start + 1]))
        }
    }

    private mutating func skip(in bytes: Span<UInt8>, at offset: inout Int) -> Event? {
        let count = min(skipped, bytes.count - offset)
        offset += count
        skipped -= count
        guard skipped == 0 else { return nil }
        return isFinal ? .text(head) : .other
    }
}
