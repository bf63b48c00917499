/// Messages between the hosts and their guests, by guest and direction: what is counted numbers them.
struct DeliveryCounts {
    private var byGuest: [Int]
    private var byHost: [Int]

    /// - Parameter members: as many as have an index, hosts included.
    init(members: Int) {
        byGuest = Array(repeating: 0, count: members)
        byHost = byGuest
    }

    /// Counts messages from a host to a guest, or from a guest to its host.
    ///
    /// - Returns: their numbers among those that the receiver has from this sender.
    @inline(__always)
    mutating func add(_ count: Int, from sender: Member, to receiver: Member) -> Range<Int> {
        let first: Int
        if receiver.isHost {
            first = byHost[sender.index]
            byHost[sender.index] = first + count
        } else {
            first = byGuest[receiver.index]
            byGuest[receiver.index] = first + count
        }
        return first..<first + count
    }

    /// Messages of its host that a guest has heard.
    func heard(by guest: Member) -> Int { byGuest[guest.index] }

    /// Messages of a guest that its host has heard.
    func heardByHost(from guest: Member) -> Int { byHost[guest.index] }
}
