package import NIOCore
package import RelayCore

/// What a machine must know of its cluster to find rooms on its siblings.
package struct ClusterConfiguration: Sendable {
    /// The app's name, by which the private DNS lists its machines.
    package var app: String
    /// The home region; only machines in it are asked.
    package var region: Region
    /// Our own id, which is not asked.
    package var instance: InstanceID?
    /// The port that this machine listens on, and its siblings too.
    package var port: Int
    /// Name servers to ask; nil for those of resolv.conf.
    package var nameServers: [SocketAddress]?

    package init(app: String, region: Region, instance: InstanceID?, port: Int, nameServers: [SocketAddress]?) {
        self.app = app
        self.region = region
        self.instance = instance
        self.port = port
        self.nameServers = nameServers
    }
}
