internal import NIOCore
internal import NIOWebSocket

/// Turns frames into messages, answers pings, and echoes a close frame as the standard requires.
///
/// Pings are answered here rather than by the reader, so that a client stays alive while its test does not read from
/// it.
final class MessageReader: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let heard: AsyncStream<Heard>.Continuation
    private var hasClosed = false

    init(_ heard: AsyncStream<Heard>.Continuation) {
        self.heard = heard
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        var payload = frame.unmaskedData
        switch frame.opcode {
        case .text, .binary:
            heard.yield(.text(String(buffer: payload)))
        case .ping:
            write(.pong, payload, context: context)
        case .connectionClose:
            let echo = payload
            let code = payload.readInteger(as: UInt16.self).map(Int.init)
            heard.yield(.close(code: code, reason: String(buffer: payload)))
            if !hasClosed { write(.connectionClose, echo, context: context) }
            hasClosed = true
        default:
            break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        heard.yield(.end("\(error)"))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        heard.yield(.end(nil))
        heard.finish()
        context.fireChannelInactive()
    }

    private func write(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, context: ChannelHandlerContext) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: payload)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    }
}
