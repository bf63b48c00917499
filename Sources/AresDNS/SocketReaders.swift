internal import Glibc
internal import NIOCore

/// Hands the datagrams of a channel to its virtual socket; what is no answer is dropped, as if it had not come.
final class DatagramReader: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let socket: VirtualSocket

    init(socket: VirtualSocket) {
        self.socket = socket
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        socket.deliver(unwrapInboundIn(data).data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        socket.end(with: ECONNRESET)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        socket.fail(error)
    }
}

/// Cuts the stream of a TCP channel into messages (RFC 1035, section 4.2.2) and hands them to its virtual socket.
///
/// After something that is no answer the rest of the stream cannot be trusted, and it ends.
final class StreamReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let socket: VirtualSocket
    private var unread = ByteBuffer()

    init(socket: VirtualSocket) {
        self.socket = socket
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unread.writeImmutableBuffer(unwrapInboundIn(data))
        while let length: UInt16 = unread.getInteger(at: unread.readerIndex),
            let message = unread.readSlice(length: 2 + Int(length))
        {
            guard socket.deliver(message) else { return socket.end(with: EBADMSG) }
        }
        unread.discardReadBytes()
    }

    func channelInactive(context: ChannelHandlerContext) {
        socket.end(with: 0)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        socket.fail(error)
    }
}
