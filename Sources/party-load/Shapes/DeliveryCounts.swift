/// The numbers of messages delivered between each guest and its host, in both directions.
struct DeliveryCounts {
    private var byGuest: [Int]
    private var byHost: [Int]

    /// - Parameter members: all members of the loop, including hosts.
    init(members: Int) {
        byGuest = Array(repeating: 0, count: members)
        byHost = byGuest
    }

    /// Counts messages from a host to a guest, or from a guest to its host.
    ///
    /// - Returns: their sequence numbers, from 0, among those from this sender to this receiver.
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

    /// Messages that a guest has received from its host.
    func heard(by guest: Member) -> Int { byGuest[guest.index] }

    /// Messages that a host has received from one guest.
    func heardByHost(from guest: Member) -> Int { byHost[guest.index] }
}
