import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import RelayCore

@testable import RelayCluster

/// A sibling that is asked to take rooms: a server on the loopback with scripted behaviour.
final class FakeTaker: Sendable {
    /// The answer to whether it takes rooms.
    enum Readiness: Sendable {
        case takes(uptime: String)
        case answers(HTTPResponseStatus, [(String, String)])
        case silent
    }

    /// What it does with an order, once it has all of it.
    enum Conduct: Sendable {
        /// Checks it as a relay does, follows it, and answers.
        case follows
        /// Follows it, and closes the connection without an answer.
        case followsAndCloses
        /// Follows it, and says nothing.
        case followsInSilence
        case closes
        case silent
        /// Answers, and closes the connection if it is told to.
        case answers(HTTPResponseStatus, [(String, String)], body: String = "", closes: Bool = false)
    }

    /// A request as it arrived.
    struct Order: Sendable {
        let method: HTTPMethod
        let uri: String
        let headers: HTTPHeaders
        let bodyLength: Int
    }

    struct State: Sendable {
        var readiness = Readiness.takes(uptime: "100")
        /// For each order in turn; the last one for all that follow.
        var conducts = [Conduct.follows]
        var asked = 0
        var orders: [Order] = []
        var rooms: [String: [UInt8]] = [:]
        /// Orders that were not signed as they must be.
        var forged = 0
        var underWay = 0
        var mostUnderWay = 0
        var opened = 0
        var open = 0
        var mostOpen = 0

        mutating func nextConduct() -> Conduct {
            conducts.count > 1 ? conducts.removeFirst() : conducts.first ?? .silent
        }
    }

    let id: InstanceID
    let address: SocketAddress
    let secret: ClusterSecret
    let state = Watched(State())
    private let listener: any Channel
    private let connections = NIOLockedValueBox<[ObjectIdentifier: any Channel]>([:])

    init(_ id: InstanceID, secret: ClusterSecret) async throws {
        self.id = id
        self.secret = secret
        let (state, connections) = (state, connections)
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelInitializer { channel in
                connections.withLockedValue { $0[ObjectIdentifier(channel)] = channel }
                state.change {
                    $0.opened += 1
                    $0.open += 1
                    $0.mostOpen = max($0.mostOpen, $0.open)
                }
                channel.closeFuture.whenComplete { _ in
                    connections.withLockedValue { $0[ObjectIdentifier(channel)] = nil }
                    state.change { $0.open -= 1 }
                }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
                    try channel.pipeline.syncOperations.addHandler(
                        TakerConnection(id: id, secret: secret, state: state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let address = listener.localAddress else { throw ChannelError.unknownLocalAddress }
        self.address = address
    }

    func behave(_ conducts: Conduct...) {
        state.change { $0.conducts = conducts }
    }

    func closeConnections() {
        for channel in connections.withLockedValue({ Array($0.values) }) { channel.close(promise: nil) }
    }

    func close() async throws {
        if listener.isActive { try await listener.close() }
        closeConnections()
    }
}

/// One connection to a fake taker.
private final class TakerConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let id: InstanceID
    private let secret: ClusterSecret
    private let state: Watched<FakeTaker.State>
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []

    init(id: InstanceID, secret: ClusterSecret, state: Watched<FakeTaker.State>) {
        self.id = id
        self.secret = secret
        self.state = state
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (self.head, body) = (head, [])
        case .body(let bytes): body += Array(buffer: bytes)
        case .end:
            guard let head else { return }
            if head.uri.hasPrefix("/ready") { tellReadiness(head, on: context) } else { follow(head, on: context) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func tellReadiness(_ head: HTTPRequestHead, on context: ChannelHandlerContext) {
        let readiness = state.change {
            $0.asked += 1
            return head.uri == "/ready?instance=\(id)" ? $0.readiness : .answers(.badRequest, [])
        }
        switch readiness {
        case .takes(let uptime):
            answer(.ok, [("X-Takes-Rooms", uptime)], body: #"{"status":"ready"}"#, on: context)
        case .answers(let status, let headers): answer(status, headers, on: context)
        case .silent: break
        }
    }

    private func follow(_ head: HTTPRequestHead, on context: ChannelHandlerContext) {
        let order = FakeTaker.Order(
            method: head.method, uri: head.uri, headers: head.headers, bodyLength: body.count)
        let conduct = state.change {
            $0.orders.append(order)
            $0.underWay += 1
            $0.mostUnderWay = max($0.mostUnderWay, $0.underWay)
            return $0.nextConduct()
        }
        // Whatever is under way at the same time is seen to be.
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(1)) { [self] in
            state.change { $0.underWay -= 1 }
            perform(conduct, head, on: context)
        }
    }

    private func perform(_ conduct: FakeTaker.Conduct, _ head: HTTPRequestHead, on context: ChannelHandlerContext) {
        switch conduct {
        case .follows:
            let isGenuine = carryOut(head)
            let word = head.method == .PUT ? "taken" : "forgotten"
            let status = isGenuine ? head.method == .PUT ? HTTPResponseStatus.created : .ok : .notFound
            answer(status, isGenuine ? [("X-Handover", word), ("X-Instance-Id", id.text)] : [], on: context)
        case .followsAndCloses:
            _ = carryOut(head)
            context.close(promise: nil)
        case .followsInSilence: _ = carryOut(head)
        case .closes: context.close(promise: nil)
        case .silent: break
        case .answers(let status, let headers, let body, let closes):
            answer(status, headers, body: body, closes: closes, on: context)
        }
    }

    /// Does as it is told if the order is signed for this machine and comes with its body.
    private func carryOut(_ head: HTTPRequestHead) -> Bool {
        let words = head.uri.split(separator: "?")
        guard words.count == 2, words[1] == "instance=\(id)", let code = RoomCode(String(words[0].dropFirst(6))),
            let method = HandoverOrder.Method(rawValue: head.method.rawValue),
            let signature = HandoverSignature(
                method, code: code, target: id, header: { head.headers.first(name: $0.rawValue) }),
            signature.verify(with: secret, now: time(nil)) == .authentic, signature.order.isOf(body: body.span)
        else {
            state.change { $0.forged += 1 }
            return false
        }
        let body = body
        return state.change { state in
            switch method {
            case .take: state.rooms["\(code)"] = body
            case .forget: return state.rooms.removeValue(forKey: "\(code)") != nil
            }
            return true
        }
    }

    private func answer(
        _ status: HTTPResponseStatus, _ headers: [(String, String)], body: String = "", closes: Bool = false,
        on context: ChannelHandlerContext
    ) {
        var headers = HTTPHeaders(headers)
        headers.add(name: "Content-Length", value: "\(body.utf8.count)")
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        let written = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        if closes { written.assumeIsolated().whenComplete { _ in context.close(promise: nil) } }
    }
}
