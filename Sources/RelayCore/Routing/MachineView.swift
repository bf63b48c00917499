/// The machines of the cluster, as they were listed last.
///
/// A value that any thread may keep and read; it does not change.
package struct MachineView: Hashable, Sendable {
    /// The machines of our region that the list names now or named moments ago, and this machine, each once: those among
    /// which a rendezvous chooses. This machine is one of them even without a list.
    package let region: [InstanceID]
    private let listed: Set<InstanceID>
    private let isComplete: Bool

    /// - Parameters:
    ///   - listed: the machines of all regions, this one included.
    ///   - isComplete: true if there is no machine besides.
    package init(region: [InstanceID], listed: Set<InstanceID>, isComplete: Bool) {
        self.region = region
        self.listed = listed
        self.isComplete = isComplete
    }

    /// Whether the list names a machine, of whatever region; nil if nobody can tell: without a list, or with one that is
    /// old or has only a part of the machines.
    package func isListed(_ machine: InstanceID) -> Bool? {
        listed.contains(machine) ? true : isComplete ? false : nil
    }

    /// The same view when its list is too old to tell who exists.
    package var outdated: MachineView { MachineView(region: region, listed: [], isComplete: false) }
}
