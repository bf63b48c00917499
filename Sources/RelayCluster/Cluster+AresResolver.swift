internal import AresDNS
package import Logging
internal import NIOCore
package import RelayCore

extension AresResolver: NameLookup {}

extension Cluster {
    /// Starts an event loop thread with a c-ares resolver on it.
    ///
    /// - Throws: the resolver's error, or that of a name server's address.
    package convenience init(_ configuration: ClusterConfiguration, logger: Logger) throws {
        var limits = ClusterLimits()
        limits.sockets = configuration.sockets
        try self.init(configuration, limits: limits, logger: logger) { loop in
            var settings = AresResolver.Configuration()
            settings.servers = try configuration.nameServers?.map {
                try SocketAddress(ipAddress: $0.address, port: $0.port)
            }
            let resolver = try AresResolver(on: loop, configuration: settings)
            return (resolver, { await resolver.shutdown() })
        }
    }
}
