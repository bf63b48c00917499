internal import NIOCore

/// Notices bytes, of whatever they are a part: a large message on a slow link takes a while, and shows life.
final class Listener: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let attempt: Attempt

    init(_ attempt: Attempt) {
        self.attempt = attempt
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        attempt.tell(.heard)
        context.fireChannelRead(data)
    }
}
