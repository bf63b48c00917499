/// The behaviour of a loop's members once they are connected. Its methods are the events that the loop reports.
protocol Traffic: AnyObject {
    /// A member has entered its room, for the first time or again.
    func seated(_ member: Member, _ loop: LoadLoop)
    /// All loops are ready: messages flow from here on.
    func begin(at start: UInt64, _ loop: LoadLoop)
    /// One member has received the next messages of another.
    func delivered(_ count: Int, from sender: Member, to receiver: Member, _ loop: LoadLoop)
    /// The number of messages that a member adds before its bytes go out at the end of the turn.
    func refill(_ member: Member) -> Int
    /// Sends what is due; called once a turn.
    func work(_ loop: LoadLoop)
    /// The time by which `work` has to be called again.
    var nextDue: UInt64 { get }
    /// Sends no more messages; those in flight may still arrive.
    func stop()
    /// Messages that have not arrived yet, in all rooms that are not broken.
    var missing: Int { get }
    /// A member has left as intended.
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
    /// Connects the guests of a host that has created its room.
    func openGuests(after member: Member) {
        guard member.isHost else { return }
        enqueue(member.room.members.dropFirst())
    }
}
