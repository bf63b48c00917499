internal import RelayCore

/// The machines of an app, as the platform's DNS lists them: `id region` pairs, separated by commas.
///
/// What is no such pair is skipped, and nothing else with it: a list is worth more than its worst entry.
struct MachineList: Equatable {
    /// Another machine than ourselves.
    struct Machine: Hashable {
        let id: InstanceID
        /// Whether it is in our region.
        let isSibling: Bool
    }

    /// So many siblings are taken from one answer; the platform has no region with as many machines of one app.
    static let maxSiblings = 1_024
    /// So many machines of other regions, of which a few are all that is ever asked.
    static let maxDistant = 64

    /// All machines but ourselves, each once, in the order of the list.
    private(set) var others: [Machine] = []
    /// Whether the list names any machine. One that does not cannot be the truth: we ourselves are running.
    private(set) var namesMachines = false

    init(records: [[UInt8]], region: Region, own: InstanceID?) {
        var seen: Set<InstanceID> = []
        if let own { seen.insert(own) }
        // How many more of each kind are taken.
        var (siblings, distant) = (MachineList.maxSiblings, MachineList.maxDistant)
        for record in records {
            for entry in record.split(separator: UInt8(ascii: ",")) {
                guard let machine = MachineList.machine(in: entry) else { continue }
                namesMachines = true
                let isSibling = machine.region == region.name
                guard isSibling ? siblings > 0 : distant > 0, seen.insert(machine.id).inserted else { continue }
                others.append(Machine(id: machine.id, isSibling: isSibling))
                if isSibling { siblings -= 1 } else { distant -= 1 }
            }
        }
    }

    private static func machine(in entry: ArraySlice<UInt8>) -> (id: InstanceID, region: String)? {
        let words = entry.split(separator: UInt8(ascii: " "))
        guard words.count == 2, let id = InstanceID(String(decoding: words[0], as: UTF8.self)) else { return nil }
        let isWord = words[1].allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
        guard isWord else { return nil }
        return (id, String(decoding: words[1], as: UTF8.self))
    }
}
