/// A room under load, and its members in the order in which they come: the first is the host.
///
/// A room and its members hold each other; both live until the process ends.
final class Room {
    private(set) var members: [Member] = []
    /// By the slot that the server gave them.
    private var bySlot: [Member?]
    /// As the server sent it; empty before.
    private(set) var code: [UInt8] = []
    /// A member was lost: what the others hear is no measure any more.
    private(set) var isBroken = false

    init(members count: Int, firstIndex: Int, name: String) {
        bySlot = Array(repeating: nil, count: count)
        members = (0..<max(count, 1)).map { position in
            Member(room: self, position: position, index: firstIndex + position, clientID: "\(name)-\(position)")
        }
    }

    /// Slots; 0 if this stands for one connection that enters no room.
    var size: Int { bySlot.count }

    var host: Member { members[0] }

    /// The member in a slot; nil where nobody is, or where there is no such slot.
    @inline(__always)
    func member(in slot: Int) -> Member? {
        slot < bySlot.count ? bySlot[slot] : nil
    }

    /// The server has created the room.
    func opened(code: [UInt8]) {
        self.code = code
    }

    /// The server has given a member this slot.
    func seat(_ member: Member, in slot: Int) {
        bySlot[slot] = member
    }

    /// Nothing in it counts any more.
    func markBroken() {
        isBroken = true
    }

    /// Begins anew: the room has ended, and its slots with it.
    func forgetCode() {
        code.removeAll()
        for index in bySlot.indices { bySlot[index] = nil }
        for member in members { member.forgetSlot() }
    }
}
