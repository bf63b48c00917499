/// Opens connections to the server, using the source addresses in turn.
struct Dialer {
    private let server: SocketAddress
    /// Empty to let the system choose.
    private let sources: [SocketAddress]
    private var dialed = 0

    /// The receive buffer of a member that falls behind, in bytes: what it has not read waits at the server.
    private static let slowBuffer: Int32 = 65_536

    init(server: SocketAddress, sources: [SocketAddress]) {
        self.server = server
        self.sources = sources
    }

    /// Starts to connect.
    ///
    /// - Parameter isSlow: whether the socket is to hold little that has not been read.
    /// - Returns: the socket, or nil if the connect fails at once.
    mutating func dial(isSlow: Bool) -> Int32? {
        ClientSocket.connect(to: server, from: nextSource(), receiveBuffer: isSlow ? Dialer.slowBuffer : nil)
    }

    mutating func nextSource() -> SocketAddress? {
        defer { dialed += 1 }
        return sources.isEmpty ? nil : sources[dialed % sources.count]
    }
}
