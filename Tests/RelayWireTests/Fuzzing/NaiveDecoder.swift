/// The outcome of a stream of frames. Two decoders share it, so it holds no more than a peer can see.
enum FrameVerdict: Hashable {
    case message(isText: Bool, [UInt8])
    case control(opcode: UInt8, [UInt8])
    case failed(code: UInt16)
}

/// A decoder written to be obviously right: it needs all bytes at once, copies everything, and shares no code with the
/// one under test. Text is checked by the standard library.
struct NaiveDecoder {
    let isServer: Bool
    let maxMessageBytes: Int
    private(set) var verdicts: [FrameVerdict] = []
    /// True if the last bytes belong to an incomplete frame.
    private(set) var unfinished: [UInt8] = []

    private var message: (isText: Bool, bytes: [UInt8])?

    init(isServer: Bool, maxMessageBytes: Int) {
        (self.isServer, self.maxMessageBytes) = (isServer, maxMessageBytes)
    }

    private struct Failure: Error {
        let code: UInt16
    }

    private struct Frame {
        let isFinal: Bool
        let opcode: UInt8
        let payload: [UInt8]
    }

    mutating func decode(_ bytes: [UInt8]) {
        var rest = bytes[...]
        do {
            while let frame = try takeFrame(&rest) {
                try handle(frame)
                if frame.opcode == 8 { return }
            }
            unfinished = Array(rest)
        } catch let failure as Failure {
            verdicts.append(.failed(code: failure.code))
        } catch {
            fatalError("only failures are thrown")
        }
    }

    /// Nil if the frame is incomplete; its bytes must still be able to become a valid one.
    private func takeFrame(_ rest: inout ArraySlice<UInt8>) throws -> Frame? {
        var bytes = rest
        guard let first = bytes.popFirst() else { return nil }
        let opcode = first % 16
        if first / 16 % 8 != 0 || ![0, 1, 2, 8, 9, 10].contains(opcode) { throw Failure(code: 1002) }
        if opcode >= 8, first < 128 { throw Failure(code: 1002) }
        guard let second = bytes.popFirst() else { return nil }
        let isMasked = second >= 128
        var length = UInt64(second % 128)
        if opcode >= 8, length > 125 { throw Failure(code: 1002) }
        if length >= 126 {
            let width = length == 126 ? 2 : 8
            guard bytes.count >= width else { return nil }
            length = bytes.prefix(width).reduce(0) { $0 << 8 + UInt64($1) }
            bytes.removeFirst(width)
            if length < (width == 2 ? 126 : 65536) || length > UInt64(Int64.max) { throw Failure(code: 1002) }
        }
        guard bytes.count >= (isMasked ? 4 : 0) else { return nil }
        if isMasked != isServer { throw Failure(code: 1002) }
        let key = isMasked ? Array(bytes.prefix(4)) : [0, 0, 0, 0]
        bytes.removeFirst(isMasked ? 4 : 0)

        if opcode < 8 {
            if (opcode == 0) != (message != nil) { throw Failure(code: 1002) }
            if maxMessageBytes > 0, length > UInt64(maxMessageBytes - (message?.bytes.count ?? 0)) {
                throw Failure(code: 1009)
            }
        }
        var payload = Array(bytes.prefix(Int(min(length, UInt64(bytes.count)))))
        for index in payload.indices { payload[index] ^= key[index % 4] }
        if opcode == 1 || (opcode == 0 && message?.isText == true) {
            try checkText((message?.bytes ?? []) + payload)
        }
        guard payload.count == Int(length) else { return nil }
        rest = bytes.dropFirst(payload.count)
        return Frame(isFinal: first >= 128, opcode: opcode, payload: payload)
    }

    private mutating func handle(_ frame: Frame) throws {
        switch frame.opcode {
        case 8:
            try checkClose(frame.payload)
            verdicts.append(.control(opcode: 8, frame.payload))
        case 9, 10:
            verdicts.append(.control(opcode: frame.opcode, frame.payload))
        default:
            let isText = message?.isText ?? (frame.opcode == 1)
            let bytes = (message?.bytes ?? []) + frame.payload
            message = frame.isFinal ? nil : (isText, bytes)
            guard frame.isFinal else { return }
            if isText, String(validating: bytes, as: UTF8.self) == nil { throw Failure(code: 1007) }
            verdicts.append(.message(isText: isText, bytes))
        }
    }

    private func checkClose(_ payload: [UInt8]) throws {
        if payload.isEmpty { return }
        if payload.count == 1 { throw Failure(code: 1002) }
        let code = Int(payload[0]) * 256 + Int(payload[1])
        let isRegistered = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].contains(code)
        if !isRegistered && !(code >= 3000 && code < 5000) { throw Failure(code: 1002) }
        if String(validating: payload.dropFirst(2), as: UTF8.self) == nil { throw Failure(code: 1007) }
    }

    /// True if some text begins with these bytes.
    private func checkText(_ bytes: [UInt8]) throws {
        if String(validating: bytes, as: UTF8.self) != nil { return }
        for byte: UInt8 in [0x80, 0x90, 0xA0] {
            for end in [[byte], [byte, 0x80], [byte, 0x80, 0x80]]
            where String(validating: bytes + end, as: UTF8.self) != nil {
                return
            }
        }
        throw Failure(code: 1007)
    }
}
