/// A frame as the tests write it: byte by byte, without the code under test, and as wrong as a rule needs it.
struct RawFrame {
    enum LengthForm: Sendable {
        case shortest
        case twoBytes
        case eightBytes
    }

    var opcode: UInt8
    var payload: [UInt8] = []
    var isFinal = true
    var reserved: UInt8 = 0
    var key: UInt32? = 0x37FA_213D
    var lengthForm = LengthForm.shortest
    /// Announces this length instead of the payload's own.
    var claimedLength: UInt64?

    static func text(_ text: String, isFinal: Bool = true) -> RawFrame {
        RawFrame(opcode: 1, payload: Array(text.utf8), isFinal: isFinal)
    }

    static func continuation(_ payload: [UInt8], isFinal: Bool) -> RawFrame {
        RawFrame(opcode: 0, payload: payload, isFinal: isFinal)
    }

    static func close(_ code: UInt16, _ reason: [UInt8] = []) -> RawFrame {
        RawFrame(opcode: 8, payload: [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }

    var bytes: [UInt8] {
        let length = claimedLength ?? UInt64(payload.count)
        let maskBit: UInt8 = key == nil ? 0 : 0x80
        var bytes = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
        if lengthForm == .eightBytes || length > 0xFFFF {
            bytes.append(maskBit | 127)
            bytes += (0..<8).map { UInt8(length >> (56 - 8 * $0) & 0xFF) }
        } else if lengthForm == .twoBytes || length > 125 {
            bytes += [maskBit | 126, UInt8(length >> 8), UInt8(length & 0xFF)]
        } else {
            bytes.append(maskBit | UInt8(length))
        }
        guard let key else { return bytes + payload }
        let keyBytes = (0..<4).map { UInt8(key >> (24 - 8 * $0) & 0xFF) }
        bytes += keyBytes
        bytes += payload.enumerated().map { $0.element ^ keyBytes[$0.offset % 4] }
        return bytes
    }
}

extension [RawFrame] {
    var bytes: [UInt8] { flatMap(\.bytes) }
}
