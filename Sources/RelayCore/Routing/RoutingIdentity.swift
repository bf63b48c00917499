/// This machine's identity in the cluster, as routing needs it.
package struct RoutingIdentity: Hashable, Sendable {
    /// False outside a cluster: every request is served here, and pins are ignored.
    package var isRoutingOn: Bool
    /// Our own id; without one every pin names another machine.
    package var instance: InstanceID?
    /// Our home region; without one nothing is routed by region.
    package var region: Region?

    package init(isRoutingOn: Bool, instance: InstanceID?, region: Region?) {
        self.isRoutingOn = isRoutingOn
        self.instance = instance
        self.region = region
    }
}
