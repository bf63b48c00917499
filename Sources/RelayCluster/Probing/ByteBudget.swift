internal import NIOCore

/// A channel handler that fails the connection when a peer sends more than a valid answer can hold.
///
/// It precedes the HTTP decoder, which would buffer a head of any size and read a body without end.
final class ByteBudget: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let bytesPerAnswer: Int
    private var remaining: Int

    init(_ bytesPerAnswer: Int) {
        self.bytesPerAnswer = bytesPerAnswer
        remaining = bytesPerAnswer
    }

    /// An answer is complete: the next one has a budget of its own, whatever of it has been read along.
    func answerEnded() {
        remaining = bytesPerAnswer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        remaining -= unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
        if remaining < 0 { context.fireErrorCaught(ProbeFailure.tooLong) }
    }
}
