/// A room under load, with its members in the order in which they enter: the first is the host.
///
/// A room and its members reference each other; both live until the process ends.
final class Room {
    private(set) var members: [Member] = []
    /// The members by the slots that the server has assigned.
    private var bySlot: [Member?]
    /// The room's code as sent by the server; empty before.
    private(set) var code: [UInt8] = []
    /// True once a member has failed: what the others receive is no longer complete.
    private(set) var isBroken = false

    /// - Parameter slow: how many members, the last ones, fall behind.
    init(members count: Int, slow: Int = 0, firstIndex: Int, name: String) {
        bySlot = Array(repeating: nil, count: count)
        members = (0..<max(count, 1)).map { position in
            Member(
                room: self, position: position, index: firstIndex + position, clientID: "\(name)-\(position)",
                isSlow: position >= count - slow)
        }
    }

    /// The number of slots; 0 for a single connection that enters no room.
    var size: Int { bySlot.count }

    var host: Member { members[0] }

    /// The member in a slot; nil if the slot is free or does not exist.
    @inline(__always)
    func member(in slot: Int) -> Member? {
        slot < bySlot.count ? bySlot[slot] : nil
    }

    /// The server has created the room.
    func opened(code: [UInt8]) {
        self.code = code
    }

    /// The server has assigned a slot to a member.
    func seat(_ member: Member, in slot: Int) {
        bySlot[slot] = member
    }

    /// Excludes the room from what is measured.
    func markBroken() {
        isBroken = true
    }

    /// Starts over after the room has ended, and its slots with it.
    func forgetCode() {
        code.removeAll()
        for index in bySlot.indices { bySlot[index] = nil }
        for member in members { member.forgetSlot() }
    }
}
