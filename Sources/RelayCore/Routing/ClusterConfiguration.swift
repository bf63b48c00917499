/// A machine's membership in its cluster, as the search on other machines needs it.
///
/// The server reads it from the environment, and the cluster uses it; neither knows the other.
package struct ClusterConfiguration: Hashable, Sendable {
    /// The app's name, under which the private DNS lists its machines.
    package let app: String
    /// The home region; only machines in it are asked for rooms.
    package let region: Region
    /// This machine's own id, which is not asked.
    package let instance: InstanceID?
    /// The port that this machine listens on, and its siblings too.
    package let port: Int
    /// Name servers to ask; nil for those of resolv.conf.
    package let nameServers: [NameServer]?

    package init(app: String, region: Region, instance: InstanceID?, port: Int, nameServers: [NameServer]?) {
        self.app = app
        self.region = region
        self.instance = instance
        self.port = port
        self.nameServers = nameServers
    }
}

/// A name server, by its address.
package struct NameServer: Hashable, Sendable {
    /// An IPv4 or IPv6 address, without brackets.
    package let address: String
    package let port: Int

    package init(address: String, port: Int) {
        self.address = address
        self.port = port
    }
}
