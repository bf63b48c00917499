internal import NIOCore
internal import RelayCore

/// The machines that the latest list names, and those that earlier ones named moments ago.
///
/// An answer of the DNS may be partial. A machine that has just gone missing is therefore still worth a question for a
/// while: at worst it costs a refused connection.
struct KnownMachines {
    private struct Missing {
        let machine: MachineList.Machine
        let end: NIODeadline
    }

    private let memory: TimeAmount
    private var latest: [InstanceID: MachineList.Machine] = [:]
    private var order: [MachineList.Machine] = []
    /// Those of earlier lists, in the order in which they went missing.
    private var missing: [Missing] = []
    /// False if the latest list says that it does not name all siblings.
    private(set) var hasAllSiblings = true
    /// Siblings, and all machines with the siblings first; made anew only when they change.
    private var siblings: [InstanceID] = []
    private var others: [InstanceID] = []

    /// - Parameter memory: the time that a missing machine is still known.
    init(memory: TimeAmount) {
        self.memory = memory
    }

    mutating func listed(_ list: MachineList, now: NIODeadline) {
        let named = Dictionary(list.machines.map { ($0.id, $0) }) { first, _ in first }
        let gone = order.filter { named[$0.id] == nil }.map { Missing(machine: $0, end: now + memory) }
        missing = (missing + gone).filter { named[$0.machine.id] == nil && now < $0.end }
        // However fast machines come and go.
        missing = missing.suffix(MachineList.maxSiblings)
        (latest, order, hasAllSiblings) = (named, list.machines, list.hasAllSiblings)
        update()
    }

    mutating func siblings(now: NIODeadline) -> [InstanceID] {
        forget(now: now)
        return siblings
    }

    /// All other machines, siblings first.
    mutating func others(now: NIODeadline) -> [InstanceID] {
        forget(now: now)
        return others
    }

    /// True if the latest list names the machine.
    func isListed(_ machine: InstanceID) -> Bool { latest[machine] != nil }

    /// What a list has told of this machine's addresses.
    func addresses(of machine: InstanceID) -> [SocketAddress] {
        latest[machine]?.addresses ?? missing.last { $0.machine.id == machine }?.machine.addresses ?? []
    }

    private mutating func forget(now: NIODeadline) {
        guard let first = missing.first, now >= first.end else { return }
        missing.removeAll { now >= $0.end }
        update()
    }

    private mutating func update() {
        let all = order + missing.map(\.machine)
        siblings = all.filter(\.isSibling).map(\.id)
        others = siblings + all.filter { !$0.isSibling }.map(\.id)
    }
}
