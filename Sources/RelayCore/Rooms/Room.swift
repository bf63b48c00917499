internal import RelayLimits

/// A room: its slots, its connected members, and the host's snapshot.
///
/// The room decides and the caller acts: events are methods, and their results say what the caller must do.
/// `Member` is the caller's handle of a connection, a small trivial value that the room never looks into.
///
/// Code that runs for every message and every member is `@inlinable`, and its dependencies `@usableFromInline`: only
/// then can another module specialise it for its `Member`, instead of calling code that asks the type at run time.
@usableFromInline
package struct Room<Member> {
    /// A connected member in its slot.
    @usableFromInline
    package struct Seat {
        @usableFromInline package let slot: Slot
        @usableFromInline package var member: Member

        @inlinable
        init(slot: Slot, member: Member) {
            self.slot = slot
            self.member = member
        }
    }

    package let code: RoomCode
    @usableFromInline package let maxClients: Int
    @usableFromInline package let url: String?
    /// What the url was made of, if it names the machine: on another machine it is another url.
    @usableFromInline let urlTemplate: String?
    /// Seconds for which the place of a member that is lost is kept for it; 0 frees it at once.
    @usableFromInline package let holdSeconds: Int

    /// The connected members in a contiguous array, ascending by slot: a broadcast is one pass over it.
    @usableFromInline
    package internal(set) var seats: [Seat]
    /// The host's last `set_state`, which everybody who joins gets.
    @usableFromInline package internal(set) var snapshot: [UInt8]?

    /// Every slot ever given, connected or not; the next new client gets the index `slots.count`.
    @usableFromInline var slots: SlotTable
    /// What is left of new slots for now.
    var newcomers = TokenBucket()
    /// The number of times the host has left; it tells the grace timer of an earlier absence from the current one.
    @usableFromInline var hostDepartures = 0
    /// The places that are kept for members who are not connected, ascending by slot.
    @usableFromInline var reservations: [Reservation] = []
    /// True if nobody gets in who has no slot.
    @usableFromInline package internal(set) var isLocked = false
    /// The clients that do not get in any more.
    @usableFromInline var banned: [SipHash.Digest] = []
    /// The tickets that are good, the oldest first.
    @usableFromInline var tickets: [IssuedTicket] = []

    /// A new room with its creator connected in slot 0.
    ///
    /// - Parameter hash: what client ids are kept as; its key is random, and this room's alone.
    package init(
        code: RoomCode, maxClients: Int, url: String?, urlTemplate: String? = nil, holdSeconds: Int = 0,
        host: ClientID, member: Member, hash: SipHash
    ) {
        precondition(maxClients >= 1, "a room has a place for its host")
        self.code = code
        self.maxClients = maxClients
        self.url = url
        self.urlTemplate = urlTemplate
        self.holdSeconds = holdSeconds
        self.seats = [Seat(slot: .host, member: member)]
        self.slots = SlotTable(hash: hash)
        _ = slots.assign(slots.owner(host))
    }
}

// MARK: - Coming and going

extension Room {
    /// Seats a client: in its own slot if it has one, else in the next one.
    ///
    /// Replacing one's own connection is always possible, and so is coming back to one's own slot while the room has a
    /// free place, or keeps one for it. Who comes back to a dormant room wakes it up; for everybody else there is none.
    ///
    /// - Parameters:
    ///   - ticket: a ticket for a slot of the room, which need not be the client's.
    ///   - mayGrow: false if there is no memory for more slots.
    @inlinable
    package mutating func join(
        _ clientID: ClientID, with ticket: Ticket? = nil, as member: Member, mayGrow: Bool, now: UInt64
    ) throws(JoinRefusal) -> JoinAction<Member> {
        let owner = slots.owner(clientID)
        guard !isBanned(owner) else { throw .banned }
        if let ticket, let action = try join(owner, with: ticket, as: member, now: now) { return action }
        guard let slot = slots.slot(of: owner) else {
            guard !seats.isEmpty else { throw .dormant }
            guard !isLocked else { throw .locked }
            guard hasPlace(for: nil, now: now) else { throw .full }
            try admitNewcomer(mayGrow: mayGrow, now: now)
            let slot = slots.assign(owner)
            seats.append(Seat(slot: slot, member: member))
            return .entered(slot)
        }
        let position = position(of: slot)
        if position < seats.count, seats[position].slot == slot {
            let old = seats[position].member
            seats[position].member = member
            return .replaced(slot, old: old)
        }
        guard hasPlace(for: slot, now: now) else { throw .full }
        release(slot)
        seats.insert(Seat(slot: slot, member: member), at: position)
        return .reclaimed(slot)
    }

    /// Removes a connected member; the slot stays its owner's.
    ///
    /// Not to be called for the old connection of a `.replaced`: its slot has a new member already.
    @inlinable
    package mutating func leave(_ slot: Slot, _ farewell: Farewell, now: UInt64) -> LeaveAction {
        let position = position(of: slot)
        precondition(position < seats.count && seats[position].slot == slot, "only a connected member can leave")
        seats.remove(at: position)
        if slot == .host { hostDepartures += 1 }
        let absence = slot == .host ? hostDepartures : nil
        if farewell == .lost, holdSeconds > 0 { keepPlace(of: slot, seconds: holdSeconds, now: now) }
        guard seats.isEmpty else { return .left(hostAbsence: absence) }
        return farewell == .lost ? .emptied(hostAbsence: absence) : .ended
    }

    /// True if the room must end: the host has not been back since this absence began.
    package func hostGraceExpired(absence: Int) -> Bool {
        absence == hostDepartures && seats.first?.slot != .host
    }
}

// MARK: - Recipients

extension Room {
    /// The other connected slots, ascending: the `peers` of a `joined` message.
    @inlinable
    package func peers(of slot: Slot) -> [Slot] {
        var peers: [Slot] = []
        peers.reserveCapacity(seats.count)
        for seat in seats where seat.slot != slot { peers.append(seat.slot) }
        return peers
    }

    /// The connected member in a `send`'s slot; throws `.targetNotFound` if there is none.
    ///
    /// Inlined, as `position(of:)` is, because a call of it for a room that an object holds copies the room.
    @inlinable
    @inline(__always)
    package func seat(of recipient: Slot) throws(RelayError) -> Member {
        let position = position(of: recipient)
        guard position < seats.count, seats[position].slot == recipient else { throw .targetNotFound }
        return seats[position].member
    }

    /// The index of a connected slot in `seats`, or nil if it is not connected.
    @inlinable
    package func place(of slot: Slot) -> Int? {
        let position = position(of: slot)
        return position < seats.count && seats[position].slot == slot ? position : nil
    }

    /// The index of this slot in `seats`, or where it would be inserted.
    ///
    /// Slots ascend from 0, so a slot is never to the right of its own index, and exactly there as long as nobody
    /// before it has left. Otherwise a binary search finds it.
    @inlinable
    @inline(__always)
    func position(of slot: Slot) -> Int {
        if slot.index >= 0, slot.index < seats.count, seats[slot.index].slot == slot { return slot.index }
        return Room.search(for: slot, in: seats)
    }

    @inlinable
    static func search(for slot: Slot, in seats: [Seat]) -> Int {
        var low = 0
        var high = seats.count
        while low < high {
            let middle = low + (high - low) / 2
            if seats[middle].slot < slot { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

// MARK: - The host's rights

extension Room {
    /// Throws `.onlyHostCanSetState` for every slot but the host's.
    package func checkMaySetState(_ slot: Slot) throws(RelayError) {
        guard slot == .host else { throw .onlyHostCanSetState }
    }

    /// Throws `.onlyHostCanClose` for every slot but the host's.
    package func checkMayClose(_ slot: Slot) throws(RelayError) {
        guard slot == .host else { throw .onlyHostCanClose }
    }

    /// Replaces the snapshot with the JSON text of a `set_state`.
    package mutating func setState(_ data: [UInt8], by slot: Slot) throws(RelayError) {
        try checkMaySetState(slot)
        snapshot = data
    }
}

// MARK: - Memory

extension Room {
    /// The memory that the room takes on the heap, beside the value itself.
    @inlinable
    package var heldBytes: Int {
        let urls = (url.map { HeapBlock.bytes(of: $0) } ?? 0) + (urlTemplate.map { HeapBlock.bytes(of: $0) } ?? 0)
        let rights = HeapBlock.bytes(of: banned) + HeapBlock.bytes(of: tickets)
        return HeapBlock.bytes(of: seats) + HeapBlock.bytes(of: reservations) + rights + slots.heldBytes + urls
            + snapshotBytes
    }

    /// How much more memory the room would take with a snapshot of this length.
    package func growth(bySnapshotOf count: Int) -> Int {
        HeapBlock.bytes(ofArrayWith: count, of: UInt8.self) - snapshotBytes
    }

    @inlinable var snapshotBytes: Int { snapshot.map { HeapBlock.bytes(of: $0) } ?? 0 }
}
