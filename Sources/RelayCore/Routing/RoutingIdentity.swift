/// What this machine is in the cluster, as far as routing needs to know.
package struct RoutingIdentity: Hashable, Sendable {
    /// Off outside a cluster: every request is served here, and a pin means nothing.
    package var isRoutingOn: Bool
    /// Our own id; without one every pin is to another machine.
    package var instance: InstanceID?
    /// Our home region; without one nothing is routed by region.
    package var region: Region?

    package init(isRoutingOn: Bool, instance: InstanceID?, region: Region?) {
        self.isRoutingOn = isRoutingOn
        self.instance = instance
        self.region = region
    }
}
