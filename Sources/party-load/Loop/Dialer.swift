/// Opens connections to the server, using the source addresses in turn.
struct Dialer {
    private let server: SocketAddress
    /// Empty to let the system choose.
    private let sources: [SocketAddress]
    private var dialed = 0

    init(server: SocketAddress, sources: [SocketAddress]) {
        self.server = server
        self.sources = sources
    }

    /// Starts to connect.
    ///
    /// - Returns: the socket, or nil if the connect fails at once.
    mutating func dial() -> Int32? {
        ClientSocket.connect(to: server, from: nextSource())
    }

    mutating func nextSource() -> SocketAddress? {
        defer { dialed += 1 }
        return sources.isEmpty ? nil : sources[dialed % sources.count]
    }
}
