internal import RelayWire

/// The frames of a loop's clients: one that all hosts repeat, one that all guests repeat, and single frames.
///
/// All are masked with one key. Masking protects proxies from bytes chosen by a script (RFC 6455, section 10.3), and these
/// texts are fixed.
struct ClientFrames: Sendable {
    private let maskingKey: UInt32
    private let ofHosts: RepeatedFrame
    private let ofGuests: RepeatedFrame
    /// A close frame with the code for a normal closure.
    let close: [UInt8]

    init(payload: Int, maskingKey: UInt32) {
        self.maskingKey = maskingKey
        var close: [UInt8] = []
        FrameWriter.appendClose(.normal, maskingKey: maskingKey, to: &close)
        self.close = close
        ofHosts = RepeatedFrame(text: ClientText.send(payload: payload, to: nil), maskingKey: maskingKey)
        ofGuests = RepeatedFrame(text: ClientText.send(payload: payload, to: 0), maskingKey: maskingKey)
    }

    @inline(__always)
    func frame(of member: Member) -> RepeatedFrame {
        member.isHost ? ofHosts : ofGuests
    }

    /// A frame that is not part of the traffic.
    func single(_ opcode: Opcode, _ payload: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        // The longest header has 14 bytes.
        bytes.reserveCapacity(payload.count + 14)
        FrameWriter.append(opcode, payload: payload, maskingKey: maskingKey, to: &bytes)
        return bytes
    }
}
