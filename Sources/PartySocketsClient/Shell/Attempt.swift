internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOWebSocket

/// One attempt to connect, and the WebSocket that comes of it. It belongs to one event loop.
final class Attempt {
    /// What happens to it.
    enum Event {
        case opened
        case refused(status: Int, location: String?, retryAfter: Duration?)
        /// Bytes have arrived.
        case heard
        case text([UInt8])
        case pong(Int?)
        case writability(Bool)
        /// Nothing follows.
        case ended(PartyError)
    }

    private let loop: any EventLoop
    private var report: ((Event) -> Void)?
    /// The outcomes of the upgrades, by the channels of all the host's addresses that are tried.
    private var upgrades: [ObjectIdentifier: EventLoopFuture<Bool>] = [:]
    private var channel: (any Channel)?
    private var isOpen = false

    /// The largest message that is read. A relay passes on messages of 2 MiB, unless it is told otherwise.
    private static let mostBytes = 1 << 25
    private static let connectLimit = TimeAmount.seconds(10)
    private static let closeLimit = TimeAmount.seconds(1)

    init(on loop: any EventLoop, _ report: @escaping (Event) -> Void) {
        self.loop = loop
        self.report = report
    }

    /// Reports, unless nobody listens any more.
    func tell(_ event: Event) {
        if case .ended = event {
            let last = report
            report = nil
            last?(event)
        } else {
            report?(event)
        }
    }

    // MARK: Sending

    func write(_ text: [UInt8]) {
        write(.text, ByteBuffer(bytes: text))
    }

    func ping(_ number: Int) {
        write(.ping, ByteBuffer(string: String(number)))
    }

    private func write(_ opcode: WebSocketOpcode, _ payload: ByteBuffer) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: payload)
        channel?.writeAndFlush(frame, promise: nil)
    }

    /// Ends it without a further report. A relay that has the close frame closes the connection; where it does not, that
    /// is done here.
    func hangUp(_ code: Int) {
        report = nil
        guard let channel else { return }
        guard isOpen else { return channel.close(promise: nil) }
        var payload = ByteBuffer()
        payload.write(webSocketErrorCode: WebSocketErrorCode(codeNumber: code))
        write(.connectionClose, payload)
        let limit = loop.scheduleTask(in: Self.closeLimit) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in limit.cancel() }
    }

    // MARK: Connecting

    func connect(to target: Target, _ transport: Transport) {
        let bound = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .connectTimeout(Self.connectLimit)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: 1 << 16, high: 1 << 18))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try bound.value.prepare(channel, for: target, transport)
                }
            }
            .connect(host: target.host, port: target.port)
            .assumeIsolated()
            .whenComplete { bound.value.connected($0) }
    }

    /// One of the host's addresses has been reached first, or none.
    private func connected(_ result: Result<any Channel, any Error>) {
        let upgrade: EventLoopFuture<Bool>?
        switch result {
        case .success(let channel):
            upgrade = upgrades[ObjectIdentifier(channel)]
            upgrades = [:]
            guard report != nil else { return channel.close(promise: nil) }
            self.channel = channel
        case .failure(let error):
            upgrades = [:]
            return failed(error)
        }
        upgrade?.assumeIsolated().whenComplete { self.answered($0) }
    }

    private func prepare(_ channel: any Channel, for target: Target, _ transport: Transport) throws {
        guard report != nil else { throw ChannelError.alreadyClosed }
        let bound = NIOLoopBound(self, eventLoop: loop)
        try channel.pipeline.syncOperations.addHandler(Listener(self))
        try transport.prepare(channel, for: target)
        let upgrader = NIOTypedWebSocketClientUpgrader<Bool>(maxFrameSize: Self.mostBytes) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                try pipeline.addHandler(
                    NIOWebSocketFrameAggregator(
                        minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1 << 12,
                        maxAccumulatedFrameSize: Self.mostBytes))
                try pipeline.addHandler(FrameReader(bound.value))
                return true
            }
        }
        let fields = HTTPHeaders([("Host", target.authority), ("User-Agent", "party-sockets-swift")])
        let upgrade = NIOTypedHTTPClientUpgradeConfiguration<Bool>(
            upgradeRequestHead: HTTPRequestHead(version: .http1_1, method: .GET, uri: target.path, headers: fields),
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RefusalReader(bound.value))
                    return false
                }
            })
        var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
        pipeline.leftOverBytesStrategy = .forwardBytes
        upgrades[ObjectIdentifier(channel)] =
            try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
        try channel.pipeline.syncOperations.addHandler(EndReader(self))
    }

    private func answered(_ result: Result<Bool, any Error>) {
        switch result {
        case .success(true):
            isOpen = true
            tell(.opened)
        case .success(false):
            break
        case .failure(let error):
            channel?.close(promise: nil)
            failedLater(error)
        }
    }

    /// Nothing comes of it, or nothing more.
    func failed(_ error: any Error) {
        tell(.ended(error as? PartyError ?? PartyError(.unreachable, "No connection: \(error)")))
    }

    /// The same, unless a better reason follows at once: TLS says what is wrong with a certificate after the end.
    func failedLater(_ error: any Error) {
        loop.assumeIsolated().execute { self.failed(error) }
    }
}
