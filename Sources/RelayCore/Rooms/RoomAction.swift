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

/// The caller's duty after a member left.
@usableFromInline
package enum LeaveAction: Hashable, Sendable {
    /// Nobody is connected any more: forget the room.
    case ended
    /// Tell the others `peer_left`.
    case left
    /// Tell the others `peer_left`, and start the grace period if there is one: when it is over, call
    /// `hostGraceExpired(absence:)` with this number.
    case hostLeft(absence: Int)
}
