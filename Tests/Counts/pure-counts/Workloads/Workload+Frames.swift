internal import RelayCore
internal import RelayWire

// Bytes of a socket to messages, and messages to bytes for a socket.
extension Workload {
    static let frames = [
        Workload("frames: parse one of 64 B", .nothing) { parse(Sample.send(bytes: 64), count: 1, repetitions: $0) },
        Workload("frames: parse 16 of 64 B", .nothing) { parse(Sample.send(bytes: 64), count: 16, repetitions: $0) },
        Workload("frames: parse one of 16 KiB", .nothing) { repetitions in
            parse(Sample.send(bytes: 16 << 10), count: 1, repetitions: repetitions)
        },
        Workload("frames: mask 64 B", .nothing) { mask(bytes: 64, repetitions: $0) },
        Workload("frames: mask 64 KiB", .nothing) { mask(bytes: 64 << 10, repetitions: $0) },
        Workload("frames: validate 1 kB of ASCII", .nothing) { validate(Sample.ascii, repetitions: $0) },
        Workload("frames: validate 1 kB of other scripts", .nothing) { validate(Sample.chat, repetitions: $0) },
        Workload("frames: write one of 64 B", .nothing) { write(Sample.send(bytes: 64), repetitions: $0) },
        Workload("frames: build a relayed message", .nothing) { build(repetitions: $0) },
    ]

    private static func parse(_ payload: [UInt8], count: Int, repetitions: Int) -> Int {
        let arriving = Sample.clientFrames(payload, count: count)
        var input = arriving
        var parser = MessageParser(role: .server, maxMessageBytes: 1 << 20)
        var checksum = 0
        for _ in 0..<repetitions {
            // A read: the bytes are masked again.
            input.replaceAll(with: arriving.span)
            checksum &+= input.parseMessages(with: &parser)
        }
        return checksum
    }

    private static func mask(bytes count: Int, repetitions: Int) -> Int {
        var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: count)
        var span = bytes.mutableSpan
        var checksum = 0
        for repetition in 0..<repetitions {
            checksum &+= Masking.apply(0x1234_5678, from: repetition, to: &span, in: 0..<count) ? 1 : 0
        }
        return checksum
    }

    private static func validate(_ text: [UInt8], repetitions: Int) -> Int {
        var checksum = 0
        for _ in 0..<repetitions {
            var validator = UTF8Validator()
            checksum &+= validator.consume(text.span) && validator.isComplete ? 1 : 0
        }
        return checksum
    }

    private static func write(_ payload: [UInt8], repetitions: Int) -> Int {
        var output: [UInt8] = []
        var checksum = 0
        for _ in 0..<repetitions {
            output.removeAll(keepingCapacity: true)
            FrameWriter.append(.text, payload: payload.span, to: &output)
            checksum &+= output.count
        }
        return checksum
    }

    private static func build(repetitions: Int) -> Int {
        let text = Sample.send(bytes: 64)
        let message = ClientMessage.parsed(from: text)
        var frame: [UInt8] = []
        var checksum = 0
        for _ in 0..<repetitions {
            checksum &+= build(message, from: Slot(3), in: text.span, frame: &frame)
        }
        return checksum
    }
}

extension [UInt8] {
    /// Unmasks and reads all frames, and returns the total length of their messages.
    fileprivate mutating func parseMessages(with parser: inout MessageParser) -> Int {
        var offset = 0
        var length = 0
        var span = mutableSpan
        do throws(WebSocketViolation) {
            while offset < span.count {
                guard case .message(_, .inPlace(let payload)) = try parser.next(in: &span, at: &offset) else {
                    preconditionFailure("each frame is a whole message")
                }
                length += payload.count
            }
        } catch {
            refused(error)
        }
        return length
    }
}

extension ClientMessage {
    fileprivate static func parsed(from text: [UInt8]) -> ClientMessage {
        do throws(RelayError) {
            return try parse(text.span)
        } catch {
            refused(error)
        }
    }
}
