internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import RelayCore

/// A request to one machine, on a connection of its own.
///
/// Loop-bound. It ends by its deadline at the latest, and reports its outcome exactly once.
final class Probe: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// Far more than a room's description takes, even with the longest origin and url.
    private static let maxAnswerBytes = 32_768

    let machine: InstanceID
    private let address: SocketAddress
    private let head: HTTPRequestHead
    private var reply: ProbeReply
    private var channel: (any Channel)?
    private var timer: Scheduled<Void>?
    private var onEnd: ((ProbeOutcome) -> Void)?

    init(_ question: ProbeQuestion, of machine: InstanceID, at address: SocketAddress) {
        self.machine = machine
        self.address = address
        reply = ProbeReply(to: question, from: machine)
        // The pin prevents the receiving machine from asking its own siblings.
        let headers: HTTPHeaders = ["Host": Probe.host(address), "Connection": "close"]
        head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: "\(question.path)?instance=\(machine)", headers: headers)
    }

    func start(on loop: any EventLoop, deadline: NIODeadline, onEnd: @escaping (ProbeOutcome) -> Void) {
        self.onEnd = onEnd
        timer = loop.assumeIsolated().scheduleTask(deadline: deadline) { self.end(.timedOut) }
        let probe = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            // The probe's own deadline comes first, so that silence is not reported as a failure.
            .connectTimeout(max(deadline - .now(), .zero) + .seconds(1))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try probe.value.join(channel) }
            }
            .connect(to: address)
            .assumeIsolated()
            .whenFailure { self.end(.failed(.connection("\($0)"))) }
    }

    /// Closes the connection at once, and ends with this outcome unless the probe has ended before.
    func end(_ outcome: ProbeOutcome) {
        guard let onEnd else { return }
        self.onEnd = nil
        timer?.cancel()
        // Reported before the connection closes, so that it has been counted by the time the peer sees the close.
        onEnd(outcome)
        channel?.close(promise: nil)
        channel = nil
    }

    private func join(_ channel: any Channel) throws {
        guard onEnd != nil else { throw ChannelError.eof }
        self.channel = channel
        try channel.pipeline.syncOperations.addHandlers([
            ByteBudget(Probe.maxAnswerBytes), HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder()), self,
        ])
    }

    private static func host(_ address: SocketAddress) -> String {
        let ip = address.ipAddress ?? "localhost"
        return "\(ip.contains(":") ? "[\(ip)]" : ip):\(address.port ?? 80)"
    }
}

// MARK: - Channel events

extension Probe {
    func channelActive(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let outcome: ProbeOutcome? =
            switch unwrapInboundIn(data) {
            case .head(let head): reply.head(head)
            case .body(let bytes): reply.body(bytes)
            case .end: reply.end()
            }
        if let outcome { end(outcome) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.failed(.closed))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(.failed(error as? ProbeFailure ?? .connection("\(error)")))
    }
}
