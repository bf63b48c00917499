internal import RelayWire

/// Finds the messages in what a server sends, by the headers of the frames: the bytes between are passed over.
///
/// It keeps its place between reads. A payload is neither copied nor looked at but for the first bytes of a text; a
/// frame longer than the buffer needs no more memory than a short one.
struct FrameScanner: Sendable {
    /// What ends at the offset that the bytes have been scanned up to.
    enum Event {
        /// A whole text. Where it is long or came in fragments, only what its first bytes said is known.
        case text(ServerText)
        case ping(Range<Int>)
        /// The peer closes, with this code.
        case close(Int?)
        /// Something that needs no answer.
        case other
    }

    /// A frame up to this length is waited for; of a longer one the rest is passed over as it comes.
    static let longestAwaited = 4_096

    /// Bytes of a long frame that are still to come.
    private var skipped = 0
    /// Whether the frame that is passed over ends its message.
    private var isFinal = true
    /// What the message that is passed over says.
    private var head = ServerText(.unknown)

    /// The next event behind the offset, which is moved past it; nil where more bytes are needed: those from the
    /// offset on must be there again at the next call.
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

    /// Control frames, long frames and fragments.
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
