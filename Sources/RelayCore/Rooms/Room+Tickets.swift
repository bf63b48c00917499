/// A ticket as the room keeps it: the keyed hash of its text, and not the secret itself.
@usableFromInline
struct IssuedTicket: Sendable {
    @usableFromInline let slot: Slot
    @usableFromInline let digest: SipHash.Digest
    /// The moment from which on it is void.
    @usableFromInline let end: UInt64
}

// Slots that change their owner.
extension Room {
    /// The most tickets that are good at a time; the oldest makes way for a further one.
    package static var mostTickets: Int { 64 }

    /// Makes a ticket good for a slot, whoever owns that now.
    package mutating func issue(_ ticket: Ticket, for slot: Slot, now: UInt64) throws(RelayError) {
        guard slot.index < slots.count else { throw .targetNotFound }
        tickets.removeAll { $0.end <= now }
        if tickets.count >= Self.mostTickets { tickets.removeFirst() }
        let end = now + UInt64(Ticket.lifetimeSeconds) * Self.nanosecondsPerSecond
        tickets.append(IssuedTicket(slot: slot, digest: slots.hash.digest(of: ticket.bytes.span), end: end))
    }

    /// How much more memory the room would take with one ticket more.
    package var growthByTicket: Int {
        tickets.count < tickets.capacity
            ? 0
            : HeapBlock.bytes(ofArrayWith: min(2 * tickets.count + 2, Self.mostTickets), of: IssuedTicket.self)
    }

    /// The slot that a ticket is good for; nil if it is not good, or not any more.
    package func slot(for ticket: Ticket, now: UInt64) -> Slot? {
        goodTicket(ticket, now: now).map { tickets[$0].slot }
    }

    /// Gives a client the slot that its ticket is for. Who owned it before is a stranger to the room from then on, and
    /// so is a slot that the client had before.
    ///
    /// - Returns: nil if the ticket is not good, and the client comes back to a slot of its own as ever.
    @usableFromInline
    mutating func join(
        _ owner: SipHash.Digest, with ticket: Ticket, as member: Member, now: UInt64
    ) throws(JoinRefusal) -> JoinAction<Member>? {
        let own = slots.slot(of: owner)
        guard let place = goodTicket(ticket, now: now) else {
            // The page with the ticket in its address was loaded again.
            if own != nil { return nil }
            throw seats.isEmpty ? .dormant : .invalidTicket
        }
        guard own != nil || !seats.isEmpty else { throw .dormant }
        let slot = tickets[place].slot
        if own == slot {
            tickets.remove(at: place)
            return nil
        }
        let seat = self.place(of: slot)
        // Its own place, or the one that is kept for it, becomes free when it moves.
        let leavesPlace = own.map { isConnected($0) || isHeld($0, now: now) } ?? false
        guard seat != nil || leavesPlace || hasPlace(for: slot, now: now) else { throw .full }
        tickets.remove(at: place)
        if let own {
            slots.abandon(own)
            release(own)
        }
        slots.give(slot, to: owner)
        if let seat {
            let old = seats[seat].member
            seats[seat].member = member
            return .replaced(slot, old: old)
        }
        release(slot)
        seats.insert(Seat(slot: slot, member: member), at: position(of: slot))
        return .reclaimed(slot)
    }

    private func goodTicket(_ ticket: Ticket, now: UInt64) -> Int? {
        if tickets.isEmpty { return nil }
        let digest = slots.hash.digest(of: ticket.bytes.span)
        return tickets.firstIndex { $0.digest == digest && $0.end > now }
    }
}
