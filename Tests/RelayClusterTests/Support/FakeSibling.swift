import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RelayCore

/// Another machine of the region, or a stand-in for it: a server on the loopback with scripted behaviour.
final class FakeSibling: Sendable {
    /// The response to a connection once its request is complete.
    enum Conduct: Sendable {
        /// Behaves like a relay that holds these rooms, and keeps connections.
        case holding([RoomCode])
        /// Behaves like the original that holds these rooms: its connections are not to be kept.
        case original([RoomCode])
        /// Answers like a relay, and closes the connection behind the answer without saying so.
        case answersOnce([RoomCode])
        /// Answers the first question of each connection like a relay that holds these rooms, and is silent from then on.
        case stops([RoomCode])
        /// Gives each question this answer, so often, and keeps the connection.
        case repeats(String, times: Int)
        /// These bytes, and then nothing more.
        case sends(String)
        /// These bytes, and then the end of the connection.
        case sendsAndCloses(String)
        /// These bytes, and then these again and again.
        case streams(String, then: String)
        case resets
        /// Nothing, like a process that was stopped.
        case silent

        /// True if the next question of a connection that has had so many gets no answer for now.
        func isSilent(after questions: Int) -> Bool {
            switch self {
            case .silent: true
            case .stops: questions > 0
            default: false
            }
        }
    }

    /// The traffic that has reached the sibling.
    struct Traffic: Sendable {
        var requests: [String] = []
        var opened = 0
        var closed = 0
    }

    let id: InstanceID
    let address: SocketAddress
    let traffic = Watched(Traffic())
    private let conduct: NIOLockedValueBox<Conduct>
    private let listener: any Channel
    private let connections = NIOLockedValueBox<[ObjectIdentifier: Open]>([:])

    /// A connection, with the number of its requests that were left without an answer.
    struct Open {
        let channel: any Channel
        var unanswered = 0
    }

    init(_ id: InstanceID, _ conduct: Conduct) async throws {
        let (current, traffic, connections) = (NIOLockedValueBox(conduct), traffic, connections)
        self.id = id
        self.conduct = current
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelInitializer { channel in
                connections.withLockedValue { $0[ObjectIdentifier(channel)] = Open(channel: channel) }
                traffic.change { $0.opened += 1 }
                channel.closeFuture.whenComplete { _ in
                    connections.withLockedValue { $0[ObjectIdentifier(channel)] = nil }
                    traffic.change { $0.closed += 1 }
                }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        FakeConnection(id: id, conduct: { current.withLockedValue { $0 } }, traffic: traffic) {
                            connections.withLockedValue { $0[ObjectIdentifier(channel)]?.unanswered += 1 }
                        })
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let address = listener.localAddress else { throw ChannelError.unknownLocalAddress }
        self.address = address
    }

    func behave(_ conduct: Conduct) {
        self.conduct.withLockedValue { $0 = conduct }
    }

    /// Gives the requests that were left without an answer this one, or a relay's that has no room.
    ///
    /// - Parameter others: the answer to all but the first of each connection.
    func wakeUp(_ answer: String? = nil, thenAll others: String? = nil) {
        let answer = answer ?? FakeSibling.noRoom(id)
        let waiting = connections.withLockedValue { connections in
            defer { connections = connections.mapValues { Open(channel: $0.channel) } }
            return Array(connections.values)
        }
        for open in waiting where open.unanswered > 0 {
            let rest = String(repeating: others ?? answer, count: open.unanswered - 1)
            open.channel.writeAndFlush(ByteBuffer(string: answer + rest), promise: nil)
        }
    }

    /// Closes all connections; new ones are accepted.
    func hangUp() {
        for open in connections.withLockedValue({ Array($0.values) }) { open.channel.close(promise: nil) }
    }

    func close() async throws {
        try await listener.close()
        hangUp()
    }

    /// The field by which a relay is known.
    static let mark = "Access-Control-Expose-Headers: X-Instance-Id, Retry-After\r\n"

    /// A relay's answer when it has the room.
    static func room(_ id: String?, mark: String = FakeSibling.mark) -> String {
        let body = #"{"clients":1,"maxClients":8,"origin":"unknown"}"#
        let name = id.map { "X-Instance-Id: \($0)\r\n" } ?? ""
        return "HTTP/1.1 200 OK\r\n\(name)\(mark)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// A relay's answer when it does not have the room.
    static func noRoom(_ id: InstanceID, mark: String = FakeSibling.mark) -> String {
        let body = #"{"error":"Room not found"}"#
        let length = "Content-Length: \(body.utf8.count)\r\n"
        return "HTTP/1.1 404 Not Found\r\nX-Instance-Id: \(id)\r\n\(mark)\(length)\r\n\(body)"
    }
}

/// One connection to a fake sibling.
private final class FakeConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let id: InstanceID
    private let conduct: @Sendable () -> FakeSibling.Conduct
    private let traffic: Watched<FakeSibling.Traffic>
    private let onSilence: () -> Void
    private var bytes: [UInt8] = []
    private var answers = 0

    init(
        id: InstanceID, conduct: @escaping @Sendable () -> FakeSibling.Conduct, traffic: Watched<FakeSibling.Traffic>,
        onSilence: @escaping () -> Void
    ) {
        self.id = id
        self.conduct = conduct
        self.traffic = traffic
        self.onSilence = onSilence
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytesView
        while let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound {
            let request = String(decoding: bytes[..<end], as: UTF8.self)
            bytes.removeFirst(end)
            let conduct = conduct()
            // Whoever sees the request may wake the sibling up.
            if conduct.isSilent(after: answers) { onSilence() }
            traffic.change { $0.requests.append(request) }
            answer(request, as: conduct, on: context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ request: String, as conduct: FakeSibling.Conduct, on context: ChannelHandlerContext) {
        defer { answers += 1 }
        switch conduct {
        case .holding(let rooms):
            tell(rooms, request, on: context)
        case .original(let rooms):
            tell(rooms, request, mark: "", on: context)
            if request.contains("Connection: close\r\n") { context.close(promise: nil) }
        case .answersOnce(let rooms):
            guard answers == 0 else { return }
            tell(rooms, request, on: context)
            context.close(promise: nil)
        case .stops(let rooms):
            if answers == 0 { tell(rooms, request, on: context) }
        case .repeats(let bytes, let times):
            send(String(repeating: bytes, count: times), on: context)
        case .sends(let bytes):
            send(bytes, on: context)
        case .sendsAndCloses(let bytes):
            send(bytes, on: context)
            context.close(promise: nil)
        case .streams(let bytes, let more):
            send(bytes, on: context)
            stream(more, on: context.channel)
        case .resets:
            // An end that does not wait for what was sent is a reset.
            let end = linger(l_onoff: 1, l_linger: 0)
            (context.channel as? any SocketOptionProvider)?.setSoLinger(end).whenComplete {
                [channel = context.channel] _ in
                channel.close(promise: nil)
            }
        case .silent: break
        }
    }

    private func tell(
        _ rooms: [RoomCode], _ request: String, mark: String = FakeSibling.mark, on context: ChannelHandlerContext
    ) {
        let isHere = rooms.contains { request.hasPrefix("GET /room/\($0)?") }
        send(
            isHere ? FakeSibling.room(id.text, mark: mark) : FakeSibling.noRoom(id, mark: mark), on: context)
    }

    private func send(_ bytes: String, on context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: bytes)), promise: nil)
    }

    /// Sends as fast as the other side reads, until it closes.
    private func stream(_ bytes: String, on channel: any Channel) {
        let connection = NIOLoopBound(self, eventLoop: channel.eventLoop)
        channel.writeAndFlush(ByteBuffer(string: bytes)).whenSuccess {
            // Not from here: a write that the kernel takes at once has succeeded before this is said, and while the other
            // side reads as fast as we write, the stack would grow with each.
            channel.eventLoop.execute { connection.value.stream(bytes, on: channel) }
        }
    }
}
