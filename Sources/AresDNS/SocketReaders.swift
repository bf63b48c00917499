internal import Glibc
internal import NIOCore

/// A channel handler that passes datagrams to their virtual socket, and drops those that cannot be an answer.
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

/// A channel handler that splits a TCP stream into messages (RFC 1035, section 4.2.2) for its virtual socket.
///
/// After a message that cannot be an answer the rest of the stream cannot be trusted, so it ends.
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
