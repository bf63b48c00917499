// What the host may do with the others.
extension Room {
    /// The most clients that are banned at a time; the first makes way for a further one.
    package static var mostBanned: Int { 1_024 }

    /// Ends the claim of a slot to its place, and with `ban` its owner's to the room.
    ///
    /// - Returns: the member to close, who then leaves as after a goodbye; nil for one who is away.
    package mutating func kick(_ slot: Slot, ban: Bool, now: UInt64) throws(RelayError) -> Member? {
        guard slot.index < slots.count else { throw .targetNotFound }
        let member = place(of: slot).map { seats[$0].member }
        guard ban || member != nil || isHeld(slot, now: now) else { throw .targetNotFound }
        if ban, let owner = slots.ownerIfAny(of: slot), !banned.contains(owner) {
            if banned.count >= Self.mostBanned { banned.removeFirst() }
            banned.append(owner)
        }
        release(slot)
        return member
    }

    /// Lets nobody in who has no slot, or everybody again.
    package mutating func setLocked(_ isLocked: Bool) {
        self.isLocked = isLocked
    }

    @usableFromInline
    func isBanned(_ owner: SipHash.Digest) -> Bool {
        banned.isEmpty ? false : banned.contains(owner)
    }
}
