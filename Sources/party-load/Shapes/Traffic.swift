/// What the members of a loop do once they are connected; the loop tells it what happens.
protocol Traffic: AnyObject {
    /// The member is in its room, for the first time or again.
    func seated(_ member: Member, _ loop: LoadLoop)
    /// All loops are ready. From here on messages flow.
    func begin(at start: UInt64, _ loop: LoadLoop)
    /// So many messages have come from one member to another, the next in their order.
    func delivered(_ count: Int, from sender: Member, to receiver: Member, _ loop: LoadLoop)
    /// Before a member's bytes go out at the end of the turn: how many messages it sends in addition.
    func refill(_ member: Member) -> Int
    /// Once in each turn: what is due.
    func work(_ loop: LoadLoop)
    /// When it wants to be asked again at the latest.
    var nextDue: UInt64 { get }
    /// No more messages; those under way may still arrive.
    func stop()
    /// Messages that have not arrived, of all rooms that nothing has happened to.
    var missing: Int { get }
    /// The member has left as it meant to.
    func left(_ member: Member, _ loop: LoadLoop)
}

extension Traffic {
    func seated(_ member: Member, _ loop: LoadLoop) { loop.openGuests(after: member) }
    func refill(_ member: Member) -> Int { 0 }
    func work(_ loop: LoadLoop) {}
    var nextDue: UInt64 { .max }
    func left(_ member: Member, _ loop: LoadLoop) {}
}

extension LoadLoop {
    /// The host is there and the room has a code: its guests may come.
    func openGuests(after member: Member) {
        guard member.isHost else { return }
        enqueue(member.room.members.dropFirst())
    }
}
