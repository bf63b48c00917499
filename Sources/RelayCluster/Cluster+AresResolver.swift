internal import AresDNS
package import Logging
internal import NIOCore
package import RelayCore

extension AresResolver: NameLookup {}

extension Cluster {
    /// Starts one event loop thread, and asks the DNS by c-ares on it.
    ///
    /// - Throws: what keeps the resolver from starting.
    package convenience init(_ configuration: ClusterConfiguration, logger: Logger) throws {
        try self.init(configuration, limits: ClusterLimits(), logger: logger) { loop in
            var settings = AresResolver.Configuration()
            settings.servers = try configuration.nameServers?.map {
                try SocketAddress(ipAddress: $0.address, port: $0.port)
            }
            let resolver = try AresResolver(on: loop, configuration: settings)
            return (resolver, { await resolver.shutdown() })
        }
    }
}
