import NIOCore
import NIOEmbedded
import NIOWebSocket
import RelayWire
import TestSupport
import Testing

/// NIOWebSocket's codec is the other side, in both directions and for both roles.
@Suite("Frames against NIO")
struct NIOFrameCodecTests {
    /// A random, valid conversation: messages, some of them in fragments, with control frames in between.
    private static func conversation(seed: UInt64) -> [(opcode: Opcode, payload: [UInt8], isFinal: Bool)] {
        var generator = SeededGenerator(seed: seed)
        let lengths = [0, 1, 7, 64, 125, 126, 127, 300, 4096, 65535, 65536]
        var frames: [(opcode: Opcode, payload: [UInt8], isFinal: Bool)] = []
        for _ in 0..<8 {
            let isText = Bool.random(using: &generator)
            let payload =
                isText
                ? Array(generator.text(upTo: 200).utf8) : generator.bytes(lengths.randomElement(using: &generator) ?? 0)
            var start = 0
            var opcode = isText ? Opcode.text : .binary
            repeat {
                let isLast = Int.random(in: 0..<3, using: &generator) > 0
                let end = isLast ? payload.count : Int.random(in: start...payload.count, using: &generator)
                frames.append((opcode, Array(payload[start..<end]), isLast))
                opcode = .continuation
                start = end
                if Int.random(in: 0..<4, using: &generator) == 0 {
                    let length = Int.random(in: 0...125, using: &generator)
                    frames.append((Bool.random(using: &generator) ? .ping : .pong, generator.bytes(length), true))
                }
                if isLast { break }
            } while true
        }
        return frames
    }

    private static func events(
        _ frames: [(opcode: Opcode, payload: [UInt8], isFinal: Bool)]
    ) -> [ObservedFrameEvent] {
        var events: [ObservedFrameEvent] = []
        var message: [UInt8] = []
        var isText = false
        for frame in frames {
            switch frame.opcode {
            case .ping: events.append(.ping(frame.payload))
            case .pong: events.append(.pong(frame.payload))
            case .close: break
            case .text, .binary, .continuation:
                if frame.opcode != .continuation { (message, isText) = ([], frame.opcode == .text) }
                message += frame.payload
                if frame.isFinal { events.append(isText ? .text(message) : .binary(message)) }
            }
        }
        return events
    }

    @Test("NIO reads the frames that we write", arguments: 1...20)
    func nioReads(seed: UInt64) throws {
        for isMasked in [true, false] {
            var generator = SeededGenerator(seed: seed)
            let frames = Self.conversation(seed: seed)
            var bytes: [UInt8] = []
            for frame in frames {
                FrameWriter.append(
                    frame.opcode, payload: frame.payload.span, isFinal: frame.isFinal,
                    maskingKey: isMasked ? UInt32.random(in: 1...UInt32.max, using: &generator) : nil, to: &bytes)
            }
            let channel = EmbeddedChannel(
                handler: ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: 1 << 20)))
            try channel.writeInbound(ByteBuffer(bytes: bytes))
            for frame in frames {
                let read = try #require(try channel.readInbound(as: WebSocketFrame.self))
                #expect(read.opcode == WebSocketOpcode(encodedWebSocketOpcode: frame.opcode.rawValue))
                #expect(read.fin == frame.isFinal)
                #expect((read.maskKey != nil) == isMasked)
                #expect(Array(read.unmaskedData.readableBytesView) == frame.payload)
            }
            #expect(try channel.readInbound(as: WebSocketFrame.self) == nil)
            #expect(try channel.finish(acceptAlreadyClosed: true).isClean)
        }
    }

    @Test("we read the frames that NIO writes", arguments: 21...40)
    func nioWrites(seed: UInt64) throws {
        for isMasked in [true, false] {
            var generator = SeededGenerator(seed: seed)
            let frames = Self.conversation(seed: seed)
            let channel = EmbeddedChannel(handler: WebSocketFrameEncoder())
            var bytes: [UInt8] = []
            for frame in frames {
                let opcode = try #require(WebSocketOpcode(encodedWebSocketOpcode: frame.opcode.rawValue))
                let key = WebSocketMaskingKey(generator.bytes(4))
                try channel.writeOutbound(
                    WebSocketFrame(
                        fin: frame.isFinal, opcode: opcode, maskKey: isMasked ? key : nil,
                        data: ByteBuffer(bytes: frame.payload)))
                while let part = try channel.readOutbound(as: ByteBuffer.self) {
                    bytes += part.readableBytesView
                }
            }
            let cuts = (0..<6).map { _ in Int.random(in: 0...bytes.count, using: &generator) }.sorted()
            let role = isMasked ? EndpointRole.server : .client
            #expect(FrameFeed.events(of: bytes, cutAt: cuts, role: role) == Self.events(frames))
            #expect(try channel.finish(acceptAlreadyClosed: true).isClean)
        }
    }
}
