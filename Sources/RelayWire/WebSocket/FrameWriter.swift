/// Encodes frames, unmasked for a server and masked for a client.
@usableFromInline
package enum FrameWriter {
    /// The bytes to keep free in front of a payload for `prependHeader`: the longest unmasked header.
    package static let maximumHeaderLength = 10

    /// The length of the header of an unmasked frame.
    @inlinable
    package static func headerLength(payloadLength: Int) -> Int {
        switch payloadLength {
        case ...125: 2
        case ...0xFFFF: 4
        default: 10
        }
    }

    /// Appends one frame.
    ///
    /// - Parameter maskingKey: the key in wire order, its first byte in the highest place. A client must pass one,
    ///   fresh and random for each frame (RFC 6455, section 5.3); a server must not.
    package static func append(
        _ opcode: Opcode, payload: Span<UInt8>, isFinal: Bool = true, maskingKey: UInt32? = nil,
        to bytes: inout [UInt8]
    ) {
        appendHeader(opcode, payloadLength: payload.count, isFinal: isFinal, maskingKey: maskingKey, to: &bytes)
        let start = bytes.count
        bytes.append(copying: payload)
        if let maskingKey {
            mask(from: start, key: maskingKey, in: &bytes)
        }
    }

    /// Appends a close frame; without a code it has no payload. A reason that is too long is cut off after its last
    /// whole character.
    package static func appendClose(
        _ code: CloseCode?, reason: String = "", maskingKey: UInt32? = nil, to bytes: inout [UInt8]
    ) {
        guard let code else {
            appendHeader(.close, payloadLength: 0, maskingKey: maskingKey, to: &bytes)
            return
        }
        let room = Opcode.maximumControlPayload - 2
        var text = reason.utf8.prefix(room)
        if text.endIndex < reason.utf8.endIndex {
            // Back to the first byte of the character that was cut.
            while reason.utf8[text.endIndex] & 0xC0 == 0x80 {
                text.removeLast()
            }
        }
        appendHeader(.close, payloadLength: 2 + text.count, maskingKey: maskingKey, to: &bytes)
        let start = bytes.count
        bytes.append(UInt8(truncatingIfNeeded: code.rawValue >> 8))
        bytes.append(UInt8(truncatingIfNeeded: code.rawValue))
        bytes.append(contentsOf: text)
        if let maskingKey {
            mask(from: start, key: maskingKey, in: &bytes)
        }
    }

    /// Appends the header of a frame whose payload the caller appends, already masked if there is a key.
    package static func appendHeader(
        _ opcode: Opcode, payloadLength: Int, isFinal: Bool = true, maskingKey: UInt32? = nil, to bytes: inout [UInt8]
    ) {
        precondition(
            !opcode.isControl || (isFinal && payloadLength <= Opcode.maximumControlPayload),
            "a control frame is short and whole")
        let maskBit: UInt8 = maskingKey == nil ? 0 : 0x80
        bytes.append(opcode.rawValue | (isFinal ? 0x80 : 0))
        switch headerLength(payloadLength: payloadLength) {
        case 2:
            bytes.append(maskBit | UInt8(payloadLength))
        case 4:
            bytes.append(maskBit | 126)
            appendBigEndian(payloadLength, byteCount: 2, to: &bytes)
        default:
            bytes.append(maskBit | 127)
            appendBigEndian(payloadLength, byteCount: 8, to: &bytes)
        }
        if let maskingKey {
            appendBigEndian(Int(maskingKey), byteCount: 4, to: &bytes)
        }
    }

    /// Writes an unmasked header directly in front of a payload that was built behind `maximumHeaderLength` free
    /// bytes, so that a broadcast's frame is built once and never moved.
    ///
    /// - Returns: the start of the frame in `frame`.
    package static func prependHeader(_ opcode: Opcode, to frame: inout [UInt8]) -> Int {
        let payloadLength = frame.count - maximumHeaderLength
        precondition(payloadLength >= 0, "the free bytes for the header are missing")
        precondition(
            !opcode.isControl || payloadLength <= Opcode.maximumControlPayload, "a control frame is short")
        let length = headerLength(payloadLength: payloadLength)
        let start = maximumHeaderLength - length
        frame[start] = 0x80 | opcode.rawValue
        switch length {
        case 2:
            frame[start + 1] = UInt8(payloadLength)
        case 4:
            frame[start + 1] = 126
            frame[start + 2] = UInt8(truncatingIfNeeded: payloadLength >> 8)
            frame[start + 3] = UInt8(truncatingIfNeeded: payloadLength)
        default:
            frame[start + 1] = 127
            for index in 0..<8 {
                frame[start + 2 + index] = UInt8(truncatingIfNeeded: payloadLength >> (56 - 8 * index))
            }
        }
        return start
    }

    /// Writes the header of an unmasked text frame at the start of `bytes`.
    ///
    /// - Returns: the length of the header: the payload begins there.
    @inlinable
    @inline(__always)
    package static func writeTextHeader(payloadLength: Int, to bytes: inout MutableRawSpan) -> Int {
        // The final fragment, of opcode 1.
        let first: UInt16 = 0x81
        switch headerLength(payloadLength: payloadLength) {
        case 2:
            let header = first | UInt16(truncatingIfNeeded: payloadLength) << 8
            bytes.storeBytes(of: header.littleEndian, toByteOffset: 0, as: UInt16.self)
            return 2
        case 4:
            bytes.storeBytes(of: (first | 126 << 8).littleEndian, toByteOffset: 0, as: UInt16.self)
            let length = UInt16(truncatingIfNeeded: payloadLength)
            bytes.storeBytes(of: length.bigEndian, toByteOffset: 2, as: UInt16.self)
            return 4
        default:
            bytes.storeBytes(of: (first | 127 << 8).littleEndian, toByteOffset: 0, as: UInt16.self)
            bytes.storeBytes(of: UInt64(payloadLength).bigEndian, toByteOffset: 2, as: UInt64.self)
            return 10
        }
    }

    private static func appendBigEndian(_ value: Int, byteCount: Int, to bytes: inout [UInt8]) {
        for index in stride(from: byteCount - 1, through: 0, by: -1) {
            bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index)))
        }
    }

    private static func mask(from start: Int, key: UInt32, in bytes: inout [UInt8]) {
        let end = bytes.count
        var span = bytes.mutableSpan
        Masking.apply(key, to: &span, in: start..<end)
    }
}
