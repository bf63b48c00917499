internal import NIOCore

/// Reports the end of a connection, and ends one on which something goes wrong before the WebSocket is open: a
/// certificate, or what is no HTTP.
final class EndReader: ChannelInboundHandler {
    typealias InboundIn = NIOAny

    private let attempt: Attempt

    init(_ attempt: Attempt) {
        self.attempt = attempt
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        attempt.failed(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        attempt.failedLater(PartyError(CloseCode(number: nil)))
        context.fireChannelInactive()
    }
}
