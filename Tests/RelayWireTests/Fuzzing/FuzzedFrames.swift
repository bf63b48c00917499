import RelayWire

/// For any peer: the first bytes of the input choose the role, the limit and the cuts; the rest is what the peer sends.
///
/// Three readings must agree: all bytes in one read, the same bytes cut, and the naive decoder. The frame writer then
/// writes the decoded messages, which must be read as the same again.
enum FuzzedFrames {
    static func check(_ input: [UInt8]) throws(Disagreement) {
        guard input.count >= 4 else { return }
        let isServer = input[0] & 1 == 0
        let maxMessageBytes = input[0] & 2 == 0 ? 0 : Int(input[1])
        let bytes = Array(input[4...])

        let whole = read(bytes, isServer: isServer, maxMessageBytes: maxMessageBytes, chunk: { _ in bytes.count })
        var seed = UInt32(input[2]) << 8 | UInt32(input[3])
        let limit = UInt32(input[2] % 16) + 1
        let cut = read(bytes, isServer: isServer, maxMessageBytes: maxMessageBytes) { _ in
            seed = seed &* 1_664_525 &+ 1_013_904_223
            return Int(seed >> 16 % limit) % Int(limit) + 1
        }
        try Disagreement.unless(whole == cut, "the verdict depends on the cuts")

        var naive = NaiveDecoder(isServer: isServer, maxMessageBytes: maxMessageBytes)
        naive.decode(bytes)
        try Disagreement.unless(whole.verdicts == naive.verdicts, "the naive decoder disagrees")
        try Disagreement.unless(whole.unfinished == naive.unfinished.count, "the naive decoder leaves another rest")
        try writeAndReadAgain(whole.verdicts, isServer: isServer, key: isServer ? 0x0102_0304 &* seed : nil)
    }

    private struct Reading: Equatable {
        var verdicts: [FrameVerdict] = []
        /// The number of bytes left of an incomplete frame.
        var unfinished = 0
    }

    private static func read(
        _ bytes: [UInt8], isServer: Bool, maxMessageBytes: Int, chunk: (Int) -> Int
    ) -> Reading {
        var parser = MessageParser(role: isServer ? .server : .client, maxMessageBytes: maxMessageBytes)
        var reading = Reading()
        var buffer: [UInt8] = []
        var taken = 0
        do throws(WebSocketViolation) {
            repeat {
                let size = min(chunk(taken), bytes.count - taken)
                buffer += bytes[taken..<taken + size]
                taken += size
                var offset = 0
                while let verdict = try nextVerdict(&parser, &buffer, at: &offset) {
                    reading.verdicts += verdict
                    if case .control(opcode: 8, _) = verdict.first { return reading }
                }
                buffer.removeFirst(offset)
            } while taken < bytes.count
            reading.unfinished = buffer.count
        } catch {
            reading.verdicts.append(.failed(code: error.code.rawValue))
        }
        return reading
    }

    /// Nil if more bytes are needed; empty for a fragment.
    private static func nextVerdict(
        _ parser: inout MessageParser, _ buffer: inout [UInt8], at offset: inout Int
    ) throws(WebSocketViolation) -> [FrameVerdict]? {
        var span = buffer.mutableSpan
        switch try parser.next(in: &span, at: &offset) {
        case .needsMore(let expected):
            precondition(expected > buffer.count - offset, "asks for what is there")
            return nil
        case .fragment:
            return []
        case .message(let kind, .inPlace(let range)):
            return [.message(isText: kind == .text, Array(buffer[range]))]
        case .message(let kind, .assembled):
            return [.message(isText: kind == .text, parser.takeAssembled())]
        case .ping(let range):
            return [.control(opcode: 9, Array(buffer[range]))]
        case .pong(let range):
            return [.control(opcode: 10, Array(buffer[range]))]
        case .close(let payload):
            guard let code = payload.code else { return [.control(opcode: 8, [])] }
            let codeBytes = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xFF)]
            return [.control(opcode: 8, codeBytes + buffer[payload.reason])]
        }
    }

    private static func writeAndReadAgain(
        _ verdicts: [FrameVerdict], isServer: Bool, key: UInt32?
    ) throws(Disagreement) {
        var bytes: [UInt8] = []
        var expected: [FrameVerdict] = []
        var boundaries = [0]
        for verdict in verdicts {
            switch verdict {
            case .message(let isText, let payload):
                FrameWriter.append(isText ? .text : .binary, payload: payload.span, maskingKey: key, to: &bytes)
            case .control(let opcode, let payload):
                guard let opcode = Opcode(rawValue: opcode) else { fatalError("no opcode") }
                FrameWriter.append(opcode, payload: payload.span, maskingKey: key, to: &bytes)
            case .failed:
                continue
            }
            expected.append(verdict)
            boundaries.append(bytes.count)
        }
        let again = read(bytes, isServer: isServer, maxMessageBytes: 0, chunk: { _ in bytes.count })
        try Disagreement.unless(again == Reading(verdicts: expected), "what was written is read as something else")
        for offset in stride(from: 0, through: bytes.count, by: 3) {
            let boundary = FrameSequence.boundary(in: bytes.span, atOrAfter: offset)
            try Disagreement.unless(boundary == boundaries.first { $0 >= offset }, "a wrong boundary")
        }
    }
}
