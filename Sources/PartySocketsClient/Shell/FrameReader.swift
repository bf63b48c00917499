internal import NIOCore
internal import NIOWebSocket

/// Turns frames into what an `Attempt` reports, and answers pings and close frames.
final class FrameReader: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let attempt: Attempt
    private var hasClosed = false

    init(_ attempt: Attempt) {
        self.attempt = attempt
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        var payload = frame.unmaskedData
        switch frame.opcode {
        case .text, .binary: attempt.tell(.text(Array(payload.readableBytesView)))
        case .ping: answer(.pong, payload, context: context)
        case .pong: attempt.tell(.pong(Int(String(buffer: payload))))
        case .connectionClose where !hasClosed:
            hasClosed = true
            answer(.connectionClose, payload, context: context)
            let code = payload.readInteger(as: UInt16.self).map(Int.init)
            attempt.tell(.ended(PartyError(CloseCode(number: code), reason: String(buffer: payload))))
            context.close(promise: nil)
        default: break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        attempt.tell(.writability(context.channel.isWritable))
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        attempt.failed(error)
        context.close(promise: nil)
    }

    private func answer(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, context: ChannelHandlerContext) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: payload)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}
