import RelayWire
import TestSupport
import Testing

/// The frames of a client, and how they reach the loop.
enum ClientFrames {
    static func frame(_ text: String) -> [UInt8] {
        var frame: [UInt8] = []
        FrameWriter.append(.text, payload: Array(text.utf8).span, maskingKey: 0x0102_0304, to: &frame)
        return frame
    }

    static func frames(_ texts: [String]) -> [UInt8] { texts.flatMap { frame($0) } }

    static func write(_ bytes: [UInt8], by client: SocketPair) {
        #expect(SocketResult.write(bytes, to: client.far) == .wrote(bytes.count))
    }
}
