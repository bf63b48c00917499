/// The caller's duty after a join.
@usableFromInline
package enum JoinAction<Member> {
    /// The client has a new slot: answer `joined`, and tell the others `peer_joined`.
    case entered(Slot)
    /// The client is back in its slot after its connection had ended: do the same as for a new slot.
    case reclaimed(Slot)
    /// The client came back while its old connection was open: answer `joined`, close the old connection with
    /// `4000` / `replaced`, and tell nobody.
    case replaced(Slot, old: Member)
}

extension JoinAction: Equatable where Member: Equatable {}
extension JoinAction: Sendable where Member: Sendable {}

/// The way in which a member leaves.
@usableFromInline
package enum Farewell: Hashable, Sendable {
    /// It has said that it goes for good.
    case goodbye
    /// Its connection has ended, and it may come back.
    case lost
}

/// The caller's duty after a member left.
@usableFromInline
package enum LeaveAction: Hashable, Sendable {
    /// The last member has said goodbye: forget the room.
    case ended
    /// Nobody is connected any more, but the last one may come back: the room is dormant. Keep it for a while, or forget
    /// it; and do with the host's absence as after `left`.
    case emptied(hostAbsence: Int?)
    /// Tell the others `peer_left`. If the host has left, start its grace period if there is one: when it is over, call
    /// `hostGraceExpired(absence:)` with this number.
    case left(hostAbsence: Int?)
}
