internal import NIOCore
internal import RelayCore

/// The ids of the machines at the addresses of one name, as the machines themselves have told them.
///
/// Addresses come and go, and one may be given to another machine, so an id is asked for again after a while.
struct AddressBook {
    /// What an address has told of its machine's id.
    enum Answer: Hashable {
        case named(InstanceID)
        /// Something that tells no id: a relay without one, or no relay.
        case nameless
        /// Nobody listens there.
        case nobody
        /// Somebody may be there, but has told nothing in time.
        case silence
    }

    private struct Entry {
        /// What was told last; an id stays until another is told.
        var answer: Answer?
        var askAgain: NIODeadline
    }

    /// The most addresses; more than one for each machine.
    static let maxAddresses = 2 * MachineList.maxSiblings

    private let own: InstanceID?
    private var entries: [SocketAddress: Entry] = [:]
    /// The addresses in the order of the latest answer.
    private var listed: [SocketAddress] = []
    private var isCut = false

    init(own: InstanceID?) {
        self.own = own
    }

    /// The DNS has answered.
    ///
    /// - Returns: the addresses to ask for their machine's id.
    mutating func listed(_ addresses: [SocketAddress], now: NIODeadline) -> [SocketAddress] {
        var seen: Set<SocketAddress> = []
        let unique = addresses.filter { seen.insert($0).inserted }
        listed = Array(unique.prefix(AddressBook.maxAddresses))
        isCut = unique.count > listed.count
        let kept = Set(listed)
        entries = entries.filter { kept.contains($0.key) || now < $0.value.askAgain }
        if entries.count > 2 * AddressBook.maxAddresses { entries = entries.filter { kept.contains($0.key) } }
        return listed.filter { address in entries[address].map { now >= $0.askAgain } ?? true }
    }

    /// An address has been asked.
    mutating func told(_ address: SocketAddress, _ answer: Answer, now: NIODeadline) {
        let askAgain = now + answer.lifetime
        if case .named? = entries[address]?.answer, answer == .nobody || answer == .silence {
            // Whether it answers questions for rooms will show.
            entries[address]?.askAgain = askAgain
        } else {
            entries[address] = Entry(answer: answer, askAgain: askAgain)
        }
    }

    /// Another machine has answered at an address of this one.
    mutating func distrust(_ machine: InstanceID, now: NIODeadline) {
        for (address, entry) in entries where entry.answer == .named(machine) { entries[address]?.askAgain = now }
    }

    /// The machines but this one, each with its addresses in the order of the answer.
    var machines: MachineList {
        var list = MachineList()
        if isCut { list.leaveOutSibling() }
        for address in listed {
            switch entries[address]?.answer {
            case .named(let id) where id == own: break
            case .named(let id): list.add(.init(id: id, isSibling: true, addresses: [address]))
            case .nameless, .nobody: break
            case .silence, nil: list.leaveOutSibling()
            }
        }
        return list
    }
}

extension AddressBook.Answer {
    /// The time after which an address is asked again.
    fileprivate var lifetime: TimeAmount {
        switch self {
        case .named: .seconds(60)
        case .nameless: .seconds(10)
        case .silence: .seconds(5)
        case .nobody: .seconds(1)
        }
    }
}
