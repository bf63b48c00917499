internal import RelayCore
internal import RelayWire

// A message from the bytes of one socket to the bytes for the others: all pure code between two system calls.
extension Workload {
    static let relaying = [
        Workload("relay: 64 B to 7 others", .nothing) { relay(Sample.send(bytes: 64), repetitions: $0) },
        Workload("relay: 64 B to the host", .nothing) { relay(Sample.send(bytes: 64, to: 0), repetitions: $0) },
        Workload("relay: 16 KiB to 7 others", .nothing) { relay(Sample.send(bytes: 16 << 10), repetitions: $0) },
    ]

    private static func relay(_ message: [UInt8], repetitions: Int) -> Int {
        let room = Sample.room(members: 8)
        let arriving = Sample.clientFrames(message)
        var input = arriving
        var frame: [UInt8] = []
        var output: [UInt8] = []
        output.reserveCapacity(8 * (arriving.count + 64))
        var parser = MessageParser(role: .server, maxMessageBytes: 1 << 20)
        var checksum = 0
        for _ in 0..<repetitions {
            // A read: the bytes are masked again.
            input.replaceAll(with: arriving.span)
            output.removeAll(keepingCapacity: true)
            relayOne(&input, with: &parser, in: room, from: Slot(3), frame: &frame, to: &output)
            checksum &+= output.count
        }
        return checksum
    }

    private static func relayOne(
        _ input: inout [UInt8], with parser: inout MessageParser, in room: borrowing Room<Int>, from sender: Slot,
        frame: inout [UInt8], to output: inout [UInt8]
    ) {
        do {
            let payload = input.nextMessage(with: &parser)
            let bytes = input.span.extracting(payload)
            let message = try ClientMessage.parse(bytes)
            let recipient = try message.recipient(in: bytes)
            let length = build(message, from: sender, in: bytes, frame: &frame)
            switch recipient {
            case .others:
                for seat in room.seats where seat.slot != sender {
                    output.append(copying: frame.span.extracting(..<length))
                }
            case .slot(let slot):
                _ = try room.seat(of: slot)
                output.append(copying: frame.span.extracting(..<length))
            }
        } catch {
            refused(error)
        }
    }

    /// Builds a relayed message's frame as the relay's loops do: measured first, in memory that is kept.
    ///
    /// - Returns: its length.
    static func build(_ message: ClientMessage, from sender: Slot, in bytes: Span<UInt8>, frame: inout [UInt8]) -> Int {
        let payloadLength = RelayedMessage.length(from: sender, dataLength: message.data?.range.count)
        let length = FrameWriter.headerLength(payloadLength: payloadLength) + payloadLength
        if frame.count < length { frame = [UInt8](repeating: 0, count: length) }
        var span = frame.mutableSpan
        // Every bit pattern is a valid byte.
        var raw = unsafe span.mutableBytes
        let start = FrameWriter.writeTextHeader(payloadLength: payloadLength, to: &raw)
        if let data = message.data {
            RelayedMessage.write(from: sender, data: bytes.extracting(data.range), to: &raw, at: start)
        } else {
            RelayedMessage.write(from: sender, data: nil, to: &raw, at: start)
        }
        return length
    }
}

extension [UInt8] {
    /// Overwrites the array in the memory that it has.
    mutating func replaceAll(with bytes: Span<UInt8>) {
        removeAll(keepingCapacity: true)
        append(copying: bytes)
    }

    /// Unmasks the first frame, which is a whole message, and returns the range of its payload.
    mutating func nextMessage(with parser: inout MessageParser) -> Range<Int> {
        var offset = 0
        var span = mutableSpan
        do throws(WebSocketViolation) {
            guard case .message(_, .inPlace(let payload)) = try parser.next(in: &span, at: &offset) else {
                preconditionFailure("the frame is a whole message")
            }
            return payload
        } catch {
            refused(error)
        }
    }
}
