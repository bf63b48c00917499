internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import RelayCore

/// A connection to a sibling that carries the requests of handovers, one after the other.
///
/// Loop-bound. One request at a time, so that a connection that breaks leaves one room unclear, and no more.
final class HandoverConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let machine: InstanceID
    private let isKept: Bool
    private let loop: any EventLoop
    private var channel: (any Channel)?
    private var exchange: HandoverExchange?
    private var head: HTTPResponseHead?
    private var bodyBytes = 0
    /// True once all of the request has been written; an answer may come before.
    private var isWritten = false
    private var isEnded = false
    /// Called when another request may be sent.
    var onIdle: () -> Void = {}
    /// Called once, when the connection has ended, before whoever waits for an answer is told.
    var onEnd: () -> Void = {}

    init(to machine: InstanceID, isKept: Bool, on loop: any EventLoop) {
        self.machine = machine
        self.isKept = isKept
        self.loop = loop
    }

    /// Connects to the first of the addresses that accepts, and then sends.
    ///
    /// - Parameter headStart: the time after which the next address is tried instead.
    func open(at addresses: [SocketAddress], headStart: TimeAmount, for exchange: HandoverExchange) {
        carry(exchange)
        connect(to: addresses[...], headStart: headStart)
    }

    /// Sends the next request on a connection that is idle.
    func send(_ exchange: HandoverExchange) {
        carry(exchange)
        write(exchange)
    }

    /// Ends the connection; who waits for an answer is told so.
    func end(_ reason: String) {
        guard !isEnded else { return }
        isEnded = true
        let exchange = exchange
        self.exchange = nil
        channel?.close(promise: nil)
        channel = nil
        let onEnd = onEnd
        (onIdle, self.onEnd) = ({}, {})
        onEnd()
        if let exchange { exchange.end(exchange.hasLeft ? .broken(reason) : .unreachable(reason)) }
    }

    private func carry(_ exchange: HandoverExchange) {
        self.exchange = exchange
        exchange.onStop = { [unowned self] in
            self.exchange = nil
            end("given up")
        }
    }

    private func connect(to addresses: ArraySlice<SocketAddress>, headStart: TimeAmount) {
        guard !isEnded else { return }
        guard let address = addresses.first else { return end("no address") }
        let rest = addresses.dropFirst()
        let connection = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            // The last one has as long as the request has; its own timer ends it.
            .connectTimeout(rest.isEmpty ? .minutes(1) : headStart)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try connection.value.join(channel) }
            }
            .connect(to: address)
            .assumeIsolated()
            .whenFailure { error in
                if rest.isEmpty { self.end("\(error)") } else { self.connect(to: rest, headStart: headStart) }
            }
    }

    private func join(_ channel: any Channel) throws {
        guard !isEnded else { throw ChannelError.eof }
        self.channel = channel
        try channel.pipeline.syncOperations.addHandlers([
            HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder()), self,
        ])
    }

    private func write(_ exchange: HandoverExchange) {
        guard let channel else { return }
        exchange.hasLeft = true
        (head, bodyBytes, isWritten) = (nil, 0, false)
        var headers = HTTPHeaders(exchange.request.headers)
        headers.add(name: "Host", value: channel.remoteAddress?.hostField ?? "localhost:80")
        if !isKept { headers.add(name: "Connection", value: "close") }
        if exchange.request.method != .GET {
            headers.add(name: "Content-Length", value: "\(exchange.request.body.count)")
        }
        // The pin keeps the machine from sending the request on.
        let head = HTTPRequestHead(
            version: .http1_1, method: exchange.request.method, uri: "\(exchange.request.path)?instance=\(machine)",
            headers: headers)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if !exchange.request.body.isEmpty {
            let body = channel.allocator.buffer(bytes: exchange.request.body)
            channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil)
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil)).assumeIsolated().whenSuccess { self.isWritten = true }
    }
}

// MARK: - Channel events

extension HandoverConnection {
    func channelActive(context: ChannelHandlerContext) {
        if let exchange { write(exchange) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnded else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard exchange != nil else { return end("an answer without a request") }
            self.head = head
        case .body(let bytes):
            bodyBytes += bytes.readableBytes
            if bodyBytes > ByteBudget.mostBytesOfAnswer { end("the answer is too long") }
        case .end:
            answered()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end("closed before the answer was complete")
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end("\(error)")
    }

    private func answered() {
        guard let exchange, let head else { return }
        self.exchange = nil
        if isKept, isWritten, head.isKeepAlive { onIdle() } else { end("done") }
        exchange.end(.head(head))
    }
}
