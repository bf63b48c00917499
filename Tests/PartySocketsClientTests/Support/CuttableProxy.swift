import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A way to a relay that a test can cut, stop and restore.
final class CuttableProxy: Sendable {
    private let state = NIOLockedValueBox(State())

    private struct State {
        var channels: [any Channel] = []
        var isDown = false
    }

    /// Runs one for as long as the body takes.
    static func run<Result>(
        to port: Int, _ body: (_ proxy: CuttableProxy, _ url: String) async throws -> Result
    ) async throws -> Result {
        let proxy = CuttableProxy()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { proxy.accept($0, port: port) }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            let result = try await body(proxy, "ws://127.0.0.1:\(listener.localAddress?.port ?? 0)")
            try await listener.close()
            proxy.cut()
            return result
        } catch {
            try await listener.close()
            proxy.cut()
            throw error
        }
    }

    /// Ends all connections, without a word to either side.
    func cut() {
        for channel in state.withLockedValue(\.channels) { channel.close(promise: nil) }
    }

    /// Whether new connections end at once.
    func setDown(_ isDown: Bool) {
        state.withLockedValue { $0.isDown = isDown }
    }

    /// Holds up what the relay sends on the connections that there are.
    func freeze() {
        for channel in state.withLockedValue(\.channels) {
            channel.setOption(.autoRead, value: false).whenFailure { _ in }
        }
    }

    private func accept(_ client: any Channel, port: Int) -> EventLoopFuture<Void> {
        let isDown = state.withLockedValue { state in
            state.channels.append(client)
            return state.isDown
        }
        if isDown {
            return client.close()
        }
        return ClientBootstrap(group: client.eventLoop)
            .channelInitializer { relay in
                relay.eventLoop.makeCompletedFuture {
                    try relay.pipeline.syncOperations.addHandler(Glue(client))
                    try client.pipeline.syncOperations.addHandler(Glue(relay))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .map { relay in self.state.withLockedValue { $0.channels.append(relay) } }
    }

    /// Passes on what arrives, and the end.
    private final class Glue: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let other: any Channel

        init(_ other: any Channel) {
            self.other = other
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            other.writeAndFlush(unwrapInboundIn(data), promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            other.close(promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
