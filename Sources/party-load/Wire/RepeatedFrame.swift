internal import RelayWire

/// A block of copies of one client frame, masked once and sent from repeatedly.
struct RepeatedFrame: Sendable {
    let bytes: [UInt8]
    let frameLength: Int

    private static let blockBytes = 65_536

    init(text: [UInt8], maskingKey: UInt32) {
        var frame: [UInt8] = []
        FrameWriter.append(.text, payload: text.span, maskingKey: maskingKey, to: &frame)
        frameLength = frame.count
        bytes = Array(repeatElement(frame, count: max(RepeatedFrame.blockBytes / frame.count, 1)).joined())
    }
}

/// The texts that a client sends.
enum ClientText {
    static func create(clientID: String, maxClients: Int) -> [UInt8] {
        Array(#"{"type":"create","clientId":"\#(clientID)","maxClients":\#(maxClients)}"#.utf8)
    }

    static func join(clientID: String, room: [UInt8]) -> [UInt8] {
        Array(#"{"type":"join","clientId":"\#(clientID)","room":""#.utf8) + room + Array(#""}"#.utf8)
    }

    /// A message whose data is a string of `payload` bytes, to one slot or to all others.
    static func send(payload: Int, to slot: Int?) -> [UInt8] {
        let target = slot.map { #""to":\#($0),"# } ?? ""
        return Array(#"{"type":"send",\#(target)"data":""#.utf8) + Array(repeating: UInt8(ascii: "x"), count: payload)
            + Array(#""}"#.utf8)
    }
}
