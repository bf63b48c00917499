package import Logging
internal import NIOCore

extension Cluster {
    /// Starts one event loop thread.
    ///
    /// - Throws: what keeps the resolver from starting.
    package convenience init(_ configuration: ClusterConfiguration, logger: Logger) throws {
        try self.init(configuration, limits: ClusterLimits(), logger: logger) { _ in (NoNames(), {}) }
    }
}

/// Stands for the DNS until there is a resolver.
private struct NoNames: NameLookup {
    func txt(_ name: String, deadline: NIODeadline) async throws -> [[UInt8]] { [] }
    func addresses(of name: String, port: Int, deadline: NIODeadline) async throws -> [SocketAddress] { [] }
}
