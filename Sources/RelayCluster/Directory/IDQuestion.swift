internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import RelayCore

/// A request to the machine at an address for its id: the `X-Instance-Id` of any answer about a room.
///
/// The path names no code, so the machine answers by itself and at once. Loop-bound.
final class IDQuestion: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let host: String
    private let promise: EventLoopPromise<AddressBook.Answer?>
    private var channel: (any Channel)?
    private var hasEnded = false

    private init(to address: SocketAddress, _ promise: EventLoopPromise<AddressBook.Answer?>) {
        host = address.hostField
        self.promise = promise
    }

    /// Returns within the time limit, and at once with nil when the task is cancelled.
    static func ask(
        _ address: SocketAddress, on loop: any EventLoop, deadline: NIODeadline
    ) async -> AddressBook.Answer? {
        let promise = loop.makePromise(of: AddressBook.Answer?.self)
        let question = NIOLoopBoundBox.makeBoxSendingValue(IDQuestion(to: address, promise), eventLoop: loop)
        return await withTaskCancellationHandler {
            loop.execute { question.value.start(at: address, on: loop, deadline: deadline) }
            return try? await promise.futureResult.get()
        } onCancel: {
            loop.execute { question.value.end(nil) }
        }
    }

    private func start(at address: SocketAddress, on loop: any EventLoop, deadline: NIODeadline) {
        guard !hasEnded else { return }
        let timer = loop.assumeIsolated().scheduleTask(deadline: deadline) { self.end(.silence) }
        promise.futureResult.assumeIsolated().whenComplete { _ in timer.cancel() }
        let question = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            // The timer comes first, so that silence is not taken for a refusal.
            .connectTimeout(max(deadline - .now(), .zero) + .seconds(1))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try question.value.join(channel) }
            }
            .connect(to: address)
            .assumeIsolated()
            // What fails on this side tells nothing of a machine there.
            .whenFailure { error in
                self.end((error as? IOError)?.errnoCode == ECONNREFUSED ? .nobody : .silence)
            }
    }

    private func join(_ channel: any Channel) throws {
        guard !hasEnded else { throw ChannelError.eof }
        self.channel = channel
        try channel.pipeline.syncOperations.addHandlers([
            ByteBudget(ByteBudget.mostBytesOfAnswer), HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder()),
            self,
        ])
    }

    private func end(_ answer: AddressBook.Answer?) {
        guard !hasEnded else { return }
        hasEnded = true
        promise.succeed(answer)
        channel?.close(promise: nil)
        channel = nil
    }
}

// MARK: - Channel events

extension IDQuestion {
    func channelActive(context: ChannelHandlerContext) {
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: "/room/x", headers: ["Host": host, "Connection": "close"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        let ids = Set(head.headers["X-Instance-Id"])
        end(ids.count == 1 ? ids.first.flatMap { InstanceID($0) }.map { .named($0) } ?? .nameless : .nameless)
    }

    /// Somebody was there, and may be again: a relay that begins or ends.
    func channelInactive(context: ChannelHandlerContext) {
        end(.silence)
    }

    /// What cannot be read is no relay's, but a reset may be.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(error is IOError ? .silence : .nameless)
    }
}
