internal import Glibc
internal import NIOCore
internal import NIOPosix

/// A socket as c-ares sees it; a NIO channel does its I/O.
///
/// It is writable from the start, and is read in whole messages. A message that cannot be an answer is kept from
/// c-ares, which would take an echoed question for an empty answer, and an empty datagram for a broken socket.
final class VirtualSocket {
    let id: Int32
    /// The index of the server in the channel's list.
    private(set) var server = 0
    /// c-ares' name for the server, as the bytes of a socket address.
    private(set) var serverName: [UInt8] = []
    /// The response code of the last message read (RFC 1035, section 4.1.1).
    private(set) var responseCode: UInt8 = 0
    /// The number of reads with a result.
    private(set) var reads = 0

    private let isStream: Bool
    // The owner closes its sockets before it goes.
    private unowned let owner: AresChannel
    private var channel: (any Channel)?
    private var isConnected = false
    private var isClosed = false
    private var unsent: [ByteBuffer] = []
    private var inbox = CircularBuffer<Message>()
    private var mayRead = false
    /// The reason why no more messages will come: an error number, or 0 for the end of the stream.
    private var failure: Int32?

    private struct Message {
        /// The message; on a stream, with its length in front.
        var bytes: ByteBuffer
        let responseCode: UInt8
    }

    init(id: Int32, isStream: Bool, channel owner: AresChannel) {
        self.id = id
        self.isStream = isStream
        self.owner = owner
    }

    var isReadable: Bool { !inbox.isEmpty || failure != nil }
    /// Completes when the real socket is closed; nil if there is none.
    var closed: EventLoopFuture<Void>? { channel?.closeFuture }

    // MARK: Calls from c-ares

    func connect(to server: Int, name: [UInt8]) {
        self.server = server
        serverName = name
        let connected = isStream ? connectStream() : connectDatagram()
        connected.assumeIsolated().whenComplete { result in
            switch result {
            case .success: self.connectionIsUp()
            case .failure(let error): self.fail(error)
            }
        }
    }

    func write(_ bytes: ByteBuffer) {
        guard isConnected, let channel else { return unsent.append(bytes) }
        channel.writeAndFlush(bytes).assumeIsolated().whenFailure { self.fail($0) }
    }

    /// Allows one read: c-ares reads datagrams until there are none, but must read only one per call, so that its
    /// effects can be attributed to this message.
    func startRead() {
        mayRead = true
    }

    /// Reads like recv(2): returns the number of bytes, 0 at the end, or -1 with `errno`.
    func read(into target: UnsafeMutableRawBufferPointer) -> Int {
        guard mayRead, isReadable else { return AresDNS.fail(EAGAIN) }
        mayRead = false
        reads += 1
        guard var message = inbox.popFirst() else {
            guard let failure, failure != 0 else { return 0 }
            return AresDNS.fail(failure)
        }
        responseCode = message.responseCode
        let count = min(target.count, message.bytes.readableBytes)
        unsafe message.bytes.readWithUnsafeReadableBytes { bytes in
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            return count
        }
        if isStream, message.bytes.readableBytes > 0 { inbox.prepend(message) }
        return count
    }

    func close() {
        isClosed = true
        inbox.removeAll()
        unsent = []
        failure = nil
        channel?.close(promise: nil)
    }

    // MARK: Events of the NIO channel

    /// Receives a message.
    ///
    /// - Parameter message: on a stream, with the two bytes of its length in front.
    /// - Returns: true if it can be an answer (RFC 1035, section 4.1.1).
    @discardableResult
    func deliver(_ message: ByteBuffer) -> Bool {
        let header = message.readerIndex + (isStream ? 2 : 0)
        guard !isClosed, message.writerIndex - header >= 12,
            let flags: UInt16 = message.getInteger(at: header + 2), flags & 0x8000 != 0
        else { return false }
        inbox.append(Message(bytes: message, responseCode: UInt8(flags & 15)))
        owner.becameReady(.readable(id))
        return true
    }

    /// Ends the socket: no more messages will come.
    func end(with code: Int32) {
        guard !isClosed, failure == nil else { return }
        failure = code
        owner.becameReady(.readable(id))
    }

    func fail(_ error: any Error) {
        switch error {
        case let error as IOError: end(with: error.errnoCode)
        case ChannelError.connectTimeout: end(with: ETIMEDOUT)
        default: end(with: ECONNRESET)
        }
    }

    private func connectionIsUp() {
        isConnected = true
        let waiting = unsent
        unsent = []
        for bytes in waiting { write(bytes) }
    }

    private func connectDatagram() -> EventLoopFuture<any Channel> {
        let loop = owner.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        return DatagramBootstrap(group: loop)
            .channelInitializer { channel in
                loop.makeCompletedFuture { try bound.value.adopt(channel, DatagramReader(socket: bound.value)) }
            }
            .connect(to: owner.servers[server])
    }

    private func connectStream() -> EventLoopFuture<any Channel> {
        let loop = owner.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        return ClientBootstrap(group: loop)
            .channelInitializer { channel in
                loop.makeCompletedFuture { try bound.value.adopt(channel, StreamReader(socket: bound.value)) }
            }
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(owner.timeout)
            .connect(to: owner.servers[server])
    }

    private func adopt(_ channel: any Channel, _ reader: some ChannelHandler) throws {
        guard !isClosed else { throw ChannelError.ioOnClosedChannel }
        self.channel = channel
        try channel.pipeline.syncOperations.addHandler(reader)
    }
}
