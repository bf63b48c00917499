internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import RelayCore

/// One connection to a machine: questions go out as requests, and answers come back in their order.
///
/// Loop-bound. Whoever opens it has taken a socket for it, which it gives back when it has closed. An answer is told as
/// early as it is decisive; the rest of it is read, and dropped.
final class SiblingConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// What has come of a question.
    struct Answer {
        let outcome: ProbeOutcome
        /// True if it was given by a relay of this kind, which keeps connections and takes several questions at once.
        let isRelay: Bool
        let time: TimeAmount
    }

    private struct Sent {
        let question: ProbeQuestion
        let at: NIODeadline
        let onEnd: (Answer?) -> Void
    }

    let machine: InstanceID
    private let isKept: Bool
    private let sockets: SocketBudget
    private let headers: HTTPHeaders
    private let budget = ByteBudget(ByteBudget.mostBytesOfAnswer)
    /// In the order of the answers.
    private var sent = CircularBuffer<Sent>()
    /// The answer that is being read.
    private var reply: ProbeReply?
    private var context: ChannelHandlerContext?
    private var channel: (any Channel)?
    private var isFlushDue = false
    private var isEnded = false
    /// The answers that were complete.
    private(set) var answers = 0
    /// The reason of the end, once it has ended, and how many questions had no answer then.
    private(set) var failure: ProbeFailure?
    private(set) var unansweredAtEnd = 0
    /// Called when the connection has ended, before those whose questions were not answered.
    var onEnd: () -> Void = {}
    /// Called when an answer is complete and another question may be asked.
    var onAnswerEnd: () -> Void = {}

    /// - Parameter isKept: whether more questions may follow the first.
    init(to machine: InstanceID, at address: SocketAddress, isKept: Bool, sockets: SocketBudget) {
        self.machine = machine
        self.isKept = isKept
        self.sockets = sockets
        headers = SiblingConnection.headers(for: address, isKept: isKept)
    }

    /// Questions that were not answered yet, whether anybody still waits or not.
    var unanswered: Int { sent.count }

    /// - Parameter timeout: a bound for the system's attempts.
    func connect(to address: SocketAddress, timeout: TimeAmount, on loop: any EventLoop) {
        let connection = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try connection.value.join(channel) }
            }
            .connect(to: address)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    channel.closeFuture.assumeIsolated().whenComplete { _ in self.sockets.release() }
                case .failure(let error):
                    self.sockets.release()
                    self.end(.connection("\(error)"))
                }
            }
    }

    /// Asks, once the connection is there. `onEnd` is called once: with nil if the connection ends before the answer, and
    /// never after `close`.
    func ask(_ question: ProbeQuestion, onEnd: @escaping (Answer?) -> Void) {
        sent.append(Sent(question: question, at: .now(), onEnd: onEnd))
        if let context { write(question, on: context) }
    }

    /// Closes the connection at once; nobody is told.
    func close() {
        isEnded = true
        sent.removeAll()
        (onEnd, onAnswerEnd) = ({}, {})
        channel?.close(promise: nil)
        (channel, context) = (nil, nil)
    }

    /// Ends a connection that has failed, or is of no more use.
    func end(_ failure: ProbeFailure) {
        guard !isEnded else { return }
        isEnded = true
        let unanswered = sent
        (self.failure, unansweredAtEnd) = (failure, sent.count)
        sent.removeAll()
        // Told before the connection closes, so that it has been counted by the time the peer sees the close.
        onEnd()
        (onEnd, onAnswerEnd) = ({}, {})
        for question in unanswered { question.onEnd(nil) }
        channel?.close(promise: nil)
        (channel, context) = (nil, nil)
    }

    private func join(_ channel: any Channel) throws {
        guard !isEnded else { throw ChannelError.eof }
        self.channel = channel
        try channel.pipeline.syncOperations.addHandlers([
            budget, HTTPRequestEncoder(), ByteToMessageHandler(HTTPResponseDecoder()), self,
        ])
    }

    private func write(_ question: ProbeQuestion, on context: ChannelHandlerContext) {
        // The pin keeps the machine from asking its own siblings.
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: "\(question.path)?instance=\(machine)", headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        guard !isFlushDue else { return }
        isFlushDue = true
        // Behind what else is at hand: many questions leave with one call.
        context.eventLoop.assumeIsolated().execute {
            self.isFlushDue = false
            self.context?.flush()
        }
    }

    private func answered(_ outcome: ProbeOutcome, at reply: ProbeReply) {
        guard let question = sent.first else { return }
        sent[sent.startIndex] = Sent(question: question.question, at: question.at) { _ in }
        let time = NIODeadline.now() - question.at
        question.onEnd(Answer(outcome: outcome, isRelay: reply.isRelay, time: time))
    }

    private func answerEnded(_ reply: ProbeReply) {
        guard !isEnded, !sent.isEmpty else { return }
        sent.removeFirst()
        answers += 1
        budget.answerEnded()
        self.reply = nil
        if !isKept || !reply.isKeptAlive { end(.closed) } else { onAnswerEnd() }
    }

    private static func headers(for address: SocketAddress, isKept: Bool) -> HTTPHeaders {
        // A connection of HTTP/1.1 is kept unless somebody says otherwise.
        return isKept ? ["Host": address.hostField] : ["Host": address.hostField, "Connection": "close"]
    }
}

// MARK: - Channel events

extension SiblingConnection {
    func channelActive(context: ChannelHandlerContext) {
        guard !isEnded else { return }
        self.context = context
        for question in sent { write(question.question, on: context) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isEnded else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard let question = sent.first?.question else { return end(.unasked) }
            var reply = ProbeReply(to: question, from: machine)
            let outcome = reply.head(head)
            self.reply = reply
            if let outcome { answered(outcome, at: reply) }
        case .body(let bytes):
            guard let outcome = reply?.body(bytes), let reply else { return }
            answered(outcome, at: reply)
        case .end:
            guard var reply else { return }
            if let outcome = reply.end() { answered(outcome, at: reply) }
            answerEnded(reply)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.closed)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(error as? ProbeFailure ?? .connection("\(error)"))
    }
}
