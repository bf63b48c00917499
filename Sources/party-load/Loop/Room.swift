/// A room under load, and its members in the order in which they come: the first is the host.
///
/// A room and its members hold each other; both live until the process ends.
final class Room {
    private(set) var members: [Member] = []
    /// By the slot that the server gave them.
    var bySlot: [Member?]
    /// As the server sent it; empty before.
    var code: [UInt8] = []
    /// A member was lost: what the others hear is no measure any more.
    var isBroken = false

    init(members count: Int, firstIndex: Int, name: String) {
        bySlot = Array(repeating: nil, count: count)
        members = (0..<max(count, 1)).map { position in
            Member(room: self, position: position, index: firstIndex + position, clientID: "\(name)-\(position)")
        }
    }

    var host: Member { members[0] }

    /// Begins anew: the room has ended, and its slots with it.
    func forgetCode() {
        code.removeAll()
        for index in bySlot.indices { bySlot[index] = nil }
        for member in members { member.slot = -1 }
    }
}
