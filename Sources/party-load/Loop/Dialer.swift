/// Connects sockets to the server, from the source addresses in turn.
struct Dialer {
    private let server: SocketAddress
    /// Empty for the system's choice.
    private let sources: [SocketAddress]
    private var dialed = 0

    init(server: SocketAddress, sources: [SocketAddress]) {
        self.server = server
        self.sources = sources
    }

    /// - Returns: the socket of a connection that has begun, or nil where not even the beginning succeeds.
    mutating func dial() -> Int32? {
        ClientSocket.connect(to: server, from: nextSource())
    }

    mutating func nextSource() -> SocketAddress? {
        defer { dialed += 1 }
        return sources.isEmpty ? nil : sources[dialed % sources.count]
    }
}
