internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// A deployment as a browser sees it: connections to one host, encrypted and verified where its URL says https.
package struct Site: Sendable {
    package let url: SiteURL
    let patience: Duration
    let authority: String?
    private let tls: NIOSSLContext?

    /// - Parameter authority: the PEM file of the certificate authorities to trust; nil trusts the system's.
    /// - Throws: one line, if there is no certificate in that file.
    package init(_ url: SiteURL, patience: Duration = Patience.standard, authority: String? = nil) throws {
        if let authority, (try? NIOSSLCertificate.fromPEMFile(authority))?.isEmpty ?? true {
            throw SettingsError("LIVE_CA is no file of certificates in PEM: \(authority)")
        }
        self.url = url
        self.patience = patience
        self.authority = authority
        if url.isSecure {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.certificateVerification = .fullVerification
            if let authority { configuration.trustRoots = .file(authority) }
            // HTTP/2 has another upgrade; the relay speaks HTTP/1.1.
            configuration.applicationProtocols = ["http/1.1"]
            tls = try NIOSSLContext(configuration: configuration)
        } else {
            tls = nil
        }
    }

    /// Connects, and lets the closure fill the pipeline.
    func connect<Output: Sendable>(
        _ initialize: @escaping @Sendable (any Channel) throws -> Output
    ) async throws -> Output {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.nanoseconds(Int64(patience / .nanoseconds(1))))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: url.host, port: url.port) { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: serverName)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    return try initialize(channel)
                }
            }
    }

    /// The header fields of any request.
    func headers(adding others: [(String, String)] = []) -> HTTPHeaders {
        HTTPHeaders([("Host", url.authority), ("User-Agent", "party-sockets-live-tests")] + others)
    }

    /// The name that the certificate must have; nil for an address, which is checked as the connection's own.
    private var serverName: String? {
        (try? SocketAddress(ipAddress: url.host, port: url.port)) == nil ? url.host : nil
    }
}
