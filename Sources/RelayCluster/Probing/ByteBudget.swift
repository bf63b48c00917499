internal import NIOCore

/// Gives up on a peer that has sent more than an answer can be.
///
/// Sits before the HTTP decoder, which would collect a head of any size and read a body without end.
final class ByteBudget: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private var remaining: Int

    init(_ bytes: Int) {
        remaining = bytes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        remaining -= unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
        if remaining < 0 { context.fireErrorCaught(ProbeFailure.tooLong) }
    }
}
