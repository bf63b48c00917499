internal import RelayCore

/// The machines of an app as listed by the platform's DNS: comma-separated `id region` pairs.
///
/// A malformed entry is skipped; the others still count.
struct MachineList: Equatable {
    /// A machine other than this one.
    struct Machine: Hashable {
        let id: InstanceID
        /// True if it is in our region.
        let isSibling: Bool
    }

    /// The most siblings taken from one answer; the platform has no region with as many machines of one app.
    static let maxSiblings = 1_024
    /// The most machines taken from other regions; only a few are ever asked.
    static let maxDistant = 64

    /// All other machines, without duplicates, in the order of the list.
    private(set) var others: [Machine] = []
    /// True if the list names any machine. A list without machines is wrong: this machine is running.
    private(set) var namesMachines = false

    init(records: [[UInt8]], region: Region, own: InstanceID?) {
        var seen: Set<InstanceID> = []
        if let own { seen.insert(own) }
        // The remaining number of each kind to take.
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
