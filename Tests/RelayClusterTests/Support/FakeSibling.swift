import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import RelayCore

/// Another machine of the region, or a stand-in for it: a server on the loopback with scripted behaviour.
final class FakeSibling: Sendable {
    /// The response to a connection once its request is complete.
    enum Conduct: Sendable {
        /// Behaves like a relay that holds these rooms.
        case holding([RoomCode])
        /// These bytes, and then nothing more.
        case sends(String)
        /// These bytes, and then the end of the connection.
        case sendsAndCloses(String)
        /// These bytes, and then these again and again.
        case streams(String, then: String)
        case resets
        /// Nothing, like a process that was stopped.
        case silent
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
    private let connections = NIOLockedValueBox<[ObjectIdentifier: any Channel]>([:])

    init(_ id: InstanceID, _ conduct: Conduct) async throws {
        let (current, traffic, connections) = (NIOLockedValueBox(conduct), traffic, connections)
        self.id = id
        self.conduct = current
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelInitializer { channel in
                connections.withLockedValue { $0[ObjectIdentifier(channel)] = channel }
                traffic.change { $0.opened += 1 }
                channel.closeFuture.whenComplete { _ in
                    connections.withLockedValue { $0[ObjectIdentifier(channel)] = nil }
                    traffic.change { $0.closed += 1 }
                }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        SiblingConnection(id: id, conduct: { current.withLockedValue { $0 } }, traffic: traffic))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let address = listener.localAddress else { throw ChannelError.unknownLocalAddress }
        self.address = address
    }

    func behave(_ conduct: Conduct) {
        self.conduct.withLockedValue { $0 = conduct }
    }

    /// Gives the connections that were left without an answer this one, or a relay's that has no room.
    func wakeUp(_ answer: String? = nil) {
        let answer = answer ?? FakeSibling.noRoom(id)
        for channel in connections.withLockedValue({ Array($0.values) }) {
            channel.writeAndFlush(ByteBuffer(string: answer), promise: nil)
        }
    }

    func close() async throws {
        try await listener.close()
        for channel in connections.withLockedValue({ Array($0.values) }) { channel.close(promise: nil) }
    }

    /// A relay's answer when it has the room.
    static func room(_ id: String?) -> String {
        let body = #"{"clients":1,"maxClients":8,"origin":"unknown"}"#
        let name = id.map { "X-Instance-Id: \($0)\r\n" } ?? ""
        return "HTTP/1.1 200 OK\r\n\(name)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// A relay's answer when it does not have the room.
    static func noRoom(_ id: InstanceID) -> String {
        let body = #"{"error":"Room not found"}"#
        return "HTTP/1.1 404 Not Found\r\nX-Instance-Id: \(id)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}

/// One connection to a fake sibling.
private final class SiblingConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let id: InstanceID
    private let conduct: @Sendable () -> FakeSibling.Conduct
    private let traffic: Watched<FakeSibling.Traffic>
    private var request = ""

    init(
        id: InstanceID, conduct: @escaping @Sendable () -> FakeSibling.Conduct, traffic: Watched<FakeSibling.Traffic>
    ) {
        self.id = id
        self.conduct = conduct
        self.traffic = traffic
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        request += String(buffer: unwrapInboundIn(data))
        guard request.hasSuffix("\r\n\r\n") else { return }
        let request = request
        traffic.change { $0.requests.append(request) }
        answer(on: context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(on context: ChannelHandlerContext) {
        switch conduct() {
        case .holding(let rooms):
            let isHere = rooms.contains { request.hasPrefix("GET /room/\($0)?") }
            send(isHere ? FakeSibling.room(id.text) : FakeSibling.noRoom(id), on: context)
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
        case .silent:
            break
        }
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
