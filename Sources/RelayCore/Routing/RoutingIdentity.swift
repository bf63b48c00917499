/// This machine's identity in the cluster, as routing needs it.
package struct RoutingIdentity: Hashable, Sendable {
    /// False outside a cluster: every request is served here, and pins are ignored.
    package var isRoutingOn: Bool
    /// Our own id; without one every pin names another machine.
    package var instance: InstanceID?
    /// Our home region; without one nothing is replayed to another.
    package var region: Region?
    /// True if all machines are one region, whose codes name none: a room can be on any of them.
    package var isOneRegion: Bool

    package init(isRoutingOn: Bool, instance: InstanceID?, region: Region?, isOneRegion: Bool = false) {
        self.isRoutingOn = isRoutingOn
        self.instance = instance
        self.region = region
        self.isOneRegion = isOneRegion
    }
}
