/// A machine's membership in its cluster, as the search on other machines needs it.
///
/// The server reads it from the environment, and the cluster uses it; neither knows the other.
package struct ClusterConfiguration: Hashable, Sendable {
    package let siblings: SiblingSource
    /// This machine's own id, which is not asked.
    package let instance: InstanceID?
    /// The port that the siblings listen on.
    package let port: Int
    /// Name servers to ask; nil for those of resolv.conf.
    package let nameServers: [NameServer]?

    /// Sockets that the search on other machines may have open.
    package var sockets = 1_024

    package init(siblings: SiblingSource, instance: InstanceID?, port: Int, nameServers: [NameServer]?) {
        self.siblings = siblings
        self.instance = instance
        self.port = port
        self.nameServers = nameServers
    }
}

/// The place where the siblings of a machine are listed.
package enum SiblingSource: Hashable, Sendable {
    /// The platform's list of all machines of the app; those in the home region are siblings.
    case fly(app: String, region: Region)
    /// The addresses of one name, each of them a sibling. Without a region these are all machines that there are.
    case dns(name: String, region: Region?)
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
