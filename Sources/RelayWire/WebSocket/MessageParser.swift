/// A parser that turns the bytes of one connection into messages and control frames, strictly by RFC 6455.
///
/// Frames are unmasked in place and returned as ranges; only the fragments of a message are copied, into one buffer
/// that grows with the bytes that have arrived and never with what a header merely claims. Every connection has a
/// parser, so it is small, and it holds no memory between messages.
///
/// The events do not depend on how the bytes are split into reads.
package struct MessageParser: Sendable {
    /// The element found at the offset. Ranges are offsets into the bytes of that call.
    package enum Event: Hashable, Sendable {
        /// The frame at the offset is incomplete: call again with the same bytes and more after them. `expected` is the
        /// length of that frame from the offset, as far as is known (`Int.max`: longer than possible). It is the peer's
        /// claim: without a limit on messages, do not allocate memory of that size for it.
        case needsMore(expected: Int)
        /// A complete message.
        case message(MessageKind, Payload)
        /// A part of a message was added to the assembly: call again.
        case fragment
        /// A ping: answer with a pong of the same payload.
        case ping(Range<Int>)
        case pong(Range<Int>)
        /// A close frame: answer with its code, and stop parsing.
        case close(ClosePayload)
    }

    /// The location of a complete message.
    package enum Payload: Hashable, Sendable {
        /// Unmasked, in the bytes passed to the call.
        case inPlace(Range<Int>)
        /// In `assembled`: take it with `takeAssembled()` before the next call.
        case assembled
    }

    private let maxMessageBytes: Int
    /// The number of payload bytes of the incomplete data frame at the offset that are already unmasked and checked.
    private var finishedBytes = 0
    /// The fragments of the message so far.
    package private(set) var assembled: [UInt8] = []
    private let role: EndpointRole
    /// The kind of the message being assembled.
    private var fragmentedKind: MessageKind?
    private var text = UTF8Validator()

    /// - Parameter maxMessageBytes: the longest message accepted, all fragments together; 0 for no limit.
    package init(role: EndpointRole, maxMessageBytes: Int) {
        self.role = role
        self.maxMessageBytes = maxMessageBytes
    }

    /// Hands over the assembled message with its memory.
    package mutating func takeAssembled() -> [UInt8] {
        let message = assembled
        assembled = []
        return message
    }

    /// Parses the bytes from `offset`, and advances the offset past at most one frame.
    ///
    /// The bytes of an incomplete frame stay with the caller, who may move but not change them: a part of its payload
    /// is already unmasked.
    package mutating func next(
        in bytes: inout MutableSpan<UInt8>, at offset: inout Int
    ) throws(WebSocketViolation) -> Event {
        if let event = try wholeMessage(in: &bytes, at: &offset) { return event }
        return try nextOfAnyKind(in: &bytes, at: &offset)
    }

    /// The message in the frame at the offset; nil unless the frame is a whole message with the usual header, all of it is
    /// there for the first time, and a new message may begin. Nothing has changed then.
    @inline(__always)
    private mutating func wholeMessage(
        in bytes: inout MutableSpan<UInt8>, at offset: inout Int
    ) throws(WebSocketViolation) -> Event? {
        guard role == .server, fragmentedKind == nil, finishedBytes == 0,
            let header = UsualHeader(bytes.span, at: offset)
        else { return nil }
        let start = offset &+ header.length
        let isAllowed = maxMessageBytes == 0 || header.payloadLength <= maxMessageBytes
        guard isAllowed, header.payloadLength <= bytes.count &- start else { return nil }
        let payload = start..<start &+ header.payloadLength
        let isASCII = Masking.apply(header.maskingKey, to: &bytes, in: payload)
        if header.isText, !isASCII {
            guard text.consume(bytes.span.extracting(payload)), text.isComplete else { throw .invalidText }
        }
        offset = payload.upperBound
        return .message(header.isText ? .text : .binary, .inPlace(payload))
    }

    @inline(never)
    private mutating func nextOfAnyKind(
        in bytes: inout MutableSpan<UInt8>, at offset: inout Int
    ) throws(WebSocketViolation) -> Event {
        guard let header = try FrameHeader(bytes.span, at: offset) else {
            return .needsMore(expected: FrameHeader.expectedLength(bytes.span, at: offset))
        }
        try checkMask(of: header)
        return header.opcode.isControl
            ? try nextControl(header, in: &bytes, at: &offset) : try nextData(header, in: &bytes, at: &offset)
    }

    private func checkMask(of header: FrameHeader) throws(WebSocketViolation) {
        switch role {
        case .server: guard header.maskingKey != nil else { throw .unmasked }
        case .client: guard header.maskingKey == nil else { throw .masked }
        }
    }

    private func nextControl(
        _ header: FrameHeader, in bytes: inout MutableSpan<UInt8>, at offset: inout Int
    ) throws(WebSocketViolation) -> Event {
        guard bytes.count - offset >= header.frameLength else { return .needsMore(expected: header.frameLength) }
        let start = offset + header.length
        let payload = start..<start + header.payloadLength
        offset = payload.upperBound
        if let key = header.maskingKey {
            Masking.apply(key, to: &bytes, in: payload)
        }
        switch header.opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default: return .close(try ClosePayload(bytes.span, in: payload))
        }
    }

    @inline(__always)
    private mutating func nextData(
        _ header: FrameHeader, in bytes: inout MutableSpan<UInt8>, at offset: inout Int
    ) throws(WebSocketViolation) -> Event {
        let kind = try kind(of: header.opcode)
        if maxMessageBytes > 0 {
            let collected = fragmentedKind == nil ? 0 : assembled.count
            guard header.payloadLength <= maxMessageBytes - collected else { throw .messageTooBig }
        }
        let start = offset + header.length
        let available = min(bytes.count - start, header.payloadLength)
        try finish(start + finishedBytes..<start + available, key: header.maskingKey, isText: kind == .text, in: &bytes)

        guard available == header.payloadLength else {
            finishedBytes = available
            return .needsMore(expected: header.frameLength)
        }
        finishedBytes = 0
        offset = start + available
        if !header.isFinal {
            collect(start..<offset, of: bytes.span, kind: kind)
            return .fragment
        }
        guard text.isComplete else { throw .invalidText }
        guard fragmentedKind != nil, !assembled.isEmpty else {
            fragmentedKind = nil
            return .message(kind, .inPlace(start..<offset))
        }
        collect(start..<offset, of: bytes.span, kind: kind)
        fragmentedKind = nil
        return .message(kind, .assembled)
    }

    private func kind(of opcode: Opcode) throws(WebSocketViolation) -> MessageKind {
        guard opcode == .continuation else {
            guard fragmentedKind == nil else { throw .interruptedMessage }
            return opcode == .text ? .text : .binary
        }
        guard let kind = fragmentedKind else { throw .continuationOfNothing }
        return kind
    }

    /// Unmasks and checks the new part of a data frame's payload.
    private mutating func finish(
        _ range: Range<Int>, key: UInt32?, isText: Bool, in bytes: inout MutableSpan<UInt8>
    ) throws(WebSocketViolation) {
        var isASCII = false
        if let key {
            isASCII = Masking.apply(key, from: finishedBytes, to: &bytes, in: range)
        }
        guard isText, !(isASCII && text.isComplete) else { return }
        guard text.consume(bytes.span.extracting(range)) else { throw .invalidText }
    }

    private mutating func collect(_ range: Range<Int>, of bytes: Span<UInt8>, kind: MessageKind) {
        if fragmentedKind == nil {
            fragmentedKind = kind
            assembled = []
        }
        assembled.append(copying: bytes.extracting(range))
    }
}
