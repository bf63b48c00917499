/// Turns the bytes of one connection into messages and control frames, strictly as RFC 6455 says.
///
/// Frames are unmasked where they lie and handed out as ranges; only the fragments of a message are copied, into one
/// buffer that grows with what has arrived and never with what a header merely claims. There is one parser for every
/// connection, so it is small, and it holds no memory between messages.
///
/// However the bytes are cut into reads, the events are the same.
package struct MessageParser: Sendable {
    /// What the bytes at the offset turned out to be. Ranges are offsets into the bytes of that call.
    package enum Event: Hashable, Sendable {
        /// The frame at the offset is unfinished: call again with the same bytes and more behind them.
        /// `expected`: how long that frame is from the offset on, as far as is known (`Int.max`: longer than can be).
        /// It is the peer's claim: with no limit on messages nothing of that size may be allocated for it.
        case needsMore(expected: Int)
        /// A whole message.
        case message(MessageKind, Payload)
        /// A part of a message went into the assembly: call again.
        case fragment
        /// To be answered with a pong of the same payload.
        case ping(Range<Int>)
        case pong(Range<Int>)
        /// The peer closes: answer with its code, and parse no more.
        case close(ClosePayload)
    }

    /// Where a whole message is.
    package enum Payload: Hashable, Sendable {
        /// Unmasked, in the bytes of the call.
        case inPlace(Range<Int>)
        /// In `assembled`: the caller takes it with `takeAssembled()` before the next call.
        case assembled
    }

    private let maxMessageBytes: Int
    /// How much of the payload of the unfinished data frame at the offset is unmasked and checked already.
    private var finishedBytes = 0
    /// The fragments of the message so far.
    package private(set) var assembled: [UInt8] = []
    private let role: EndpointRole
    /// The kind of the message whose fragments are being collected.
    private var fragmentedKind: MessageKind?
    private var text = UTF8Validator()

    /// - Parameter maxMessageBytes: the longest message taken, all fragments together; 0 for no limit.
    package init(role: EndpointRole, maxMessageBytes: Int) {
        self.role = role
        self.maxMessageBytes = maxMessageBytes
    }

    /// Hands the assembled message over, and the memory with it.
    package mutating func takeAssembled() -> [UInt8] {
        let message = assembled
        assembled = []
        return message
    }

    /// Looks at the bytes from `offset` on, and moves the offset past at most one frame.
    ///
    /// The bytes of an unfinished frame stay with the caller, who may move them but not change them: parts of its
    /// payload are unmasked by then.
    package mutating func next(
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

    /// Unmasks and checks a part of a data frame's payload that is new.
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
