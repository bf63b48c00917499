internal import RelayWire

/// The frames of a loop's clients: one that all hosts send again and again, one that all guests send, and single ones.
///
/// One masking key serves the whole run: a key is to keep scripts from writing what proxies misread, and these texts are
/// no script's.
struct ClientFrames: Sendable {
    private let maskingKey: UInt32
    private let ofHosts: RepeatedFrame
    private let ofGuests: RepeatedFrame

    init(payload: Int, maskingKey: UInt32) {
        self.maskingKey = maskingKey
        ofHosts = RepeatedFrame(text: ClientText.send(payload: payload, to: nil), maskingKey: maskingKey)
        ofGuests = RepeatedFrame(text: ClientText.send(payload: payload, to: 0), maskingKey: maskingKey)
    }

    @inline(__always)
    func frame(of member: Member) -> RepeatedFrame {
        member.isHost ? ofHosts : ofGuests
    }

    /// One frame that is no part of the traffic.
    func single(_ opcode: Opcode, _ payload: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        FrameWriter.append(opcode, payload: payload, maskingKey: maskingKey, to: &bytes)
        return bytes
    }

    /// The goodbye of a client.
    func close() -> [UInt8] {
        var bytes: [UInt8] = []
        FrameWriter.appendClose(.normal, maskingKey: maskingKey, to: &bytes)
        return bytes
    }
}
