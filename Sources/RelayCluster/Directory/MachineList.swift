internal import NIOCore
internal import RelayCore

/// The machines of the cluster other than this one, as one answer lists them.
struct MachineList: Sendable {
    struct Machine: Hashable, Sendable {
        let id: InstanceID
        /// True if it is in our region.
        let isSibling: Bool
        /// Its addresses, if the answer has them; else they are to be asked for.
        var addresses: [SocketAddress] = []
    }

    /// The most siblings taken from one answer; the platform has no region with as many machines of one app.
    static let maxSiblings = 1_024
    /// The most machines taken from other regions: more ids than fit into a DNS answer, which has 64 KiB at most.
    static let maxDistant = 4_096

    /// All other machines, without duplicates, in the order of the list.
    private(set) var machines: [Machine] = []
    /// False if there are siblings that the list does not name, so that nobody can tell what they have.
    private(set) var hasAllSiblings = true
    /// False if there are other machines that the list does not name.
    private(set) var hasAllDistant = true
    /// The remaining number of each kind to take.
    private var room = (siblings: MachineList.maxSiblings, distant: MachineList.maxDistant)
    private var places: [InstanceID: Int] = [:]

    var hasSiblings: Bool { room.siblings < MachineList.maxSiblings }

    /// Adds a machine, or another address of one, unless there are too many.
    mutating func add(_ machine: Machine) {
        if let place = places[machine.id] {
            machines[place].addresses += machine.addresses
            return
        }
        if machine.isSibling {
            guard room.siblings > 0 else { return leaveOutSibling() }
            room.siblings -= 1
        } else {
            guard room.distant > 0 else { return hasAllDistant = false }
            room.distant -= 1
        }
        places[machine.id] = machines.count
        machines.append(machine)
    }

    /// Notes that there are siblings which the list does not name.
    mutating func leaveOutSibling() { hasAllSiblings = false }
}

/// The records of the platform's DNS that list an app's machines: comma-separated `id region` pairs.
///
/// A malformed entry is skipped; the others still count.
struct MachineRecords {
    private(set) var list = MachineList()
    /// True if the records name any machine. A list without machines is wrong: this machine is running.
    private(set) var namesMachines = false

    init(_ records: [[UInt8]], region: Region, own: InstanceID?) {
        for record in records {
            for entry in record.split(separator: UInt8(ascii: ",")) {
                guard let machine = MachineRecords.machine(in: entry) else { continue }
                namesMachines = true
                guard machine.id != own else { continue }
                list.add(.init(id: machine.id, isSibling: machine.region == region.name))
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
