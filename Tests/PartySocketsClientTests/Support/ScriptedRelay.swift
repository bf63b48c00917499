import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// A server that does as a test says, whether a relay would or not.
final class ScriptedRelay: Sendable {
    /// How a connection is treated from its beginning.
    enum Welcome: Sendable {
        /// Nothing is ever sent.
        case silence
        /// These bytes are sent as soon as anything has arrived, and nothing else.
        case bytes(String)
        case webSocket
    }

    /// What is done after a message.
    enum Step: Sendable {
        case say(String)
        case close(Int, String)
        /// A close frame without a code.
        case closeWithoutCode
        case cut
        /// A ping that is longer than the standard allows.
        case longPing
    }

    /// The numbers of connections are counted from 0.
    typealias Script = @Sendable (_ connection: Int, _ message: String) -> [Step]

    private let heard = NIOLockedValueBox<[String]>([])
    private let welcomed = NIOLockedValueBox(0)
    private let ended = NIOLockedValueBox(0)
    private let welcome: @Sendable (Int) -> Welcome
    private let script: Script

    /// All messages of all connections.
    var messages: [String] { heard.withLockedValue { $0 } }
    /// The number of connections up to now.
    var connections: Int { welcomed.withLockedValue { $0 } }
    /// The number of those that have ended.
    var endings: Int { ended.withLockedValue { $0 } }

    private init(_ welcome: @escaping @Sendable (Int) -> Welcome, _ script: @escaping Script) {
        self.welcome = welcome
        self.script = script
    }

    /// Runs one for as long as the body takes.
    static func run<Result>(
        _ script: @escaping Script, welcome: @escaping @Sendable (Int) -> Welcome = { _ in .webSocket },
        _ body: (_ relay: ScriptedRelay, _ url: String) async throws -> Result
    ) async throws -> Result {
        let relay = ScriptedRelay(welcome, script)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in channel.eventLoop.makeCompletedFuture { try relay.greet(channel) } }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(relay, "ws://127.0.0.1:\(listener.localAddress?.port ?? 0)")
            try await listener.close()
            return result
        } catch {
            try await listener.close()
            throw error
        }
    }

    private func greet(_ channel: any Channel) throws {
        let number = welcomed.withLockedValue { count in
            defer { count += 1 }
            return count
        }
        channel.closeFuture.whenComplete { [ended] _ in ended.withLockedValue { $0 += 1 } }
        switch welcome(number) {
        case .silence: break
        case .bytes(let text): try channel.pipeline.syncOperations.addHandler(Reciter(text))
        case .webSocket:
            let upgrader = NIOWebSocketServerUpgrader(
                shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
                upgradePipelineHandler: { channel, _ in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Actor(self, number))
                    }
                })
            channel.pipeline.configureHTTPServerPipeline(
                withServerUpgrade: (upgraders: [upgrader], completionHandler: { _ in })
            ).whenFailure { _ in channel.close(promise: nil) }
        }
    }

    private final class Reciter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let text: String

        init(_ text: String) {
            self.text = text
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        }
    }

    private final class Actor: ChannelInboundHandler {
        typealias InboundIn = WebSocketFrame
        typealias OutboundOut = WebSocketFrame

        private let relay: ScriptedRelay
        private let number: Int

        init(_ relay: ScriptedRelay, _ number: Int) {
            self.relay = relay
            self.number = number
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let frame = unwrapInboundIn(data)
            switch frame.opcode {
            case .text:
                let text = String(buffer: frame.unmaskedData)
                relay.heard.withLockedValue { $0.append(text) }
                for step in relay.script(number, text) { perform(step, context: context) }
            case .connectionClose:
                context.close(promise: nil)
            default:
                break
            }
        }

        private func perform(_ step: Step, context: ChannelHandlerContext) {
            switch step {
            case .say(let text): write(.text, ByteBuffer(string: text), context: context)
            case .closeWithoutCode: write(.connectionClose, ByteBuffer(), context: context)
            case .cut: context.close(promise: nil)
            case .longPing: write(.ping, ByteBuffer(repeating: 0, count: 126), context: context)
            case .close(let code, let reason):
                var payload = ByteBuffer()
                payload.writeInteger(UInt16(code))
                payload.writeString(reason)
                write(.connectionClose, payload, context: context)
            }
        }

        private func write(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, context: ChannelHandlerContext) {
            let frame = WebSocketFrame(fin: true, opcode: opcode, data: payload)
            context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        }
    }
}
