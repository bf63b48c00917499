import NIOCore
import NIOPosix

/// A scripted server's reaction to a question.
enum ScriptedReply: Sendable {
    /// A message; over TCP with its length in front.
    case message([UInt8])
    /// Bytes as they are, in one datagram or write.
    case raw([UInt8])
    /// Ends the TCP connection.
    case close
    /// Ends the TCP connection with a reset.
    case reset
    /// Answers nothing more on the TCP connection.
    case freeze
    /// Keeps a question that came over UDP until `release`.
    case hold
}

/// A DNS server on loopback that answers as a test tells it, over UDP and TCP on the same port.
final class ScriptedNameServer: Sendable {
    typealias Script = @Sendable (AskedQuestion) -> [ScriptedReply]

    let address: SocketAddress
    /// The questions in the order in which they came.
    let asked: AsyncStream<AskedQuestion>
    private let log: NIOLoopBoundBox<[AskedQuestion]>
    private let datagrams: any Channel
    private let streams: (any Channel)?
    private let accepted: NIOLoopBoundBox<[any Channel]>
    private let held: NIOLoopBoundBox<[(question: AskedQuestion, sender: SocketAddress)]>

    /// - Parameter listensOnStream: false for a server that refuses TCP.
    init(listensOnStream: Bool = true, script: @escaping Script) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let log = NIOLoopBoundBox.makeBoxSendingValue([AskedQuestion](), eventLoop: loop)
        let accepted = NIOLoopBoundBox.makeBoxSendingValue([any Channel](), eventLoop: loop)
        let held = NIOLoopBoundBox.makeBoxSendingValue(
            [(question: AskedQuestion, sender: SocketAddress)](), eventLoop: loop)
        let (asked, continuation) = AsyncStream.makeStream(of: AskedQuestion.self)
        let note: Script = { question in
            log.value.append(question)
            continuation.yield(question)
            return script(question)
        }
        let bootstrap = ServerBootstrap(group: loop)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    accepted.value.append(channel)
                    try channel.pipeline.syncOperations.addHandler(StreamScript(script: note))
                }
            }
        // The free UDP port may be taken for TCP.
        while true {
            let datagrams = try await DatagramBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(DatagramScript(script: note, held: held))
                    }
                }
                .bind(host: "127.0.0.1", port: 0).get()
            guard let address = datagrams.localAddress else { throw ChannelError.unknownLocalAddress }
            if listensOnStream {
                guard let streams = try? await bootstrap.bind(to: address).get() else {
                    try await datagrams.close()
                    continue
                }
                self.streams = streams
            } else {
                streams = nil
            }
            self.datagrams = datagrams
            self.address = address
            break
        }
        self.log = log
        self.asked = asked
        self.accepted = accepted
        self.held = held
    }

    /// Answers every question with these records.
    convenience init(answering records: DNSRecord...) async throws {
        try await self.init { [.message($0.answer(records))] }
    }

    /// All questions so far.
    var questions: [AskedQuestion] {
        get async { (try? await datagrams.eventLoop.submit { [log] in log.value }.get()) ?? [] }
    }

    /// The number of TCP connections accepted so far.
    var connections: Int {
        get async { (try? await datagrams.eventLoop.submit { [accepted] in accepted.value.count }.get()) ?? 0 }
    }

    /// Returns when so many questions have come, counting from the last call.
    func hears(_ count: Int) async {
        var left = count
        for await _ in asked {
            left -= 1
            if left == 0 { break }
        }
    }

    /// Answers the questions that are held.
    func release(_ records: DNSRecord...) async throws {
        try await datagrams.eventLoop.submit { [datagrams, held] in
            for (question, sender) in held.value {
                let answer = ByteBuffer(bytes: question.answer(records))
                datagrams.writeAndFlush(AddressedEnvelope(remoteAddress: sender, data: answer), promise: nil)
            }
            held.value = []
        }.get()
    }

    func stop() async {
        try? await datagrams.close()
        try? await streams?.close()
        await closeAccepted()
    }

    /// Closes all TCP connections, and returns when they are closed.
    func closeAccepted() async {
        let open = (try? await datagrams.eventLoop.submit { [accepted] in accepted.value }.get()) ?? []
        for channel in open { try? await channel.close() }
    }
}

private final class DatagramScript: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let script: ScriptedNameServer.Script
    private let held: NIOLoopBoundBox<[(question: AskedQuestion, sender: SocketAddress)]>

    init(
        script: @escaping ScriptedNameServer.Script,
        held: NIOLoopBoundBox<[(question: AskedQuestion, sender: SocketAddress)]>
    ) {
        self.script = script
        self.held = held
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard let question = AskedQuestion(envelope.data, isStream: false) else { return }
        for reply in script(question) {
            switch reply {
            case .message(let bytes), .raw(let bytes):
                let answer = AddressedEnvelope(remoteAddress: envelope.remoteAddress, data: ByteBuffer(bytes: bytes))
                context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
            case .hold: held.value.append((question, envelope.remoteAddress))
            case .close, .reset, .freeze: break
            }
        }
    }

    // A resolver that has closed its socket is no reason to stop.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}

private final class StreamScript: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: ScriptedNameServer.Script
    private var unread = ByteBuffer()
    private var isFrozen = false

    init(script: @escaping ScriptedNameServer.Script) {
        self.script = script
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        unread.writeImmutableBuffer(unwrapInboundIn(data))
        while let message = unread.readLengthPrefixedSlice(as: UInt16.self) {
            guard let question = AskedQuestion(message, isStream: true) else { continue }
            for reply in script(question) where !isFrozen { act(on: reply, context) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func act(on reply: ScriptedReply, _ context: ChannelHandlerContext) {
        switch reply {
        case .message(let bytes):
            var framed = ByteBuffer(integer: UInt16(bytes.count))
            framed.writeBytes(bytes)
            context.writeAndFlush(wrapOutboundOut(framed), promise: nil)
        case .raw(let bytes):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        case .hold: break
        case .freeze: isFrozen = true
        case .close:
            context.close(promise: nil)
        case .reset:
            let channel = context.channel
            guard let options = channel as? any SocketOptionProvider else { return context.close(promise: nil) }
            options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
        }
    }
}
