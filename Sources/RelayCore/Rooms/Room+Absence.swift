/// A place that a room keeps for a member who is not connected.
@usableFromInline
struct Reservation: Sendable {
    @usableFromInline let slot: Slot
    /// The moment from which on the place is free.
    @usableFromInline let end: UInt64
}

// MARK: - Places of those who are away

extension Room {
    static var nanosecondsPerSecond: UInt64 { 1_000_000_000 }

    /// True for a room without connections. It is there for its own alone.
    @inlinable
    package var isDormant: Bool { seats.isEmpty }

    /// The places that are kept for members who are not connected.
    package func heldPlaces(now: UInt64) -> Int { reservations.count { $0.end > now } }

    /// The slots whose places are kept for members who are not connected, ascending.
    @inlinable
    package func awaySlots(now: UInt64) -> [Slot] {
        reservations.filter { $0.end > now }.map { $0.slot }
    }

    /// True if the place of a slot that has no connection is kept.
    func isHeld(_ slot: Slot, now: UInt64) -> Bool {
        reservations.contains { $0.slot == slot && $0.end > now }
    }

    /// True if there is a place for the owner of this slot, who is not connected; nil stands for a newcomer.
    @inlinable
    func hasPlace(for slot: Slot?, now: UInt64) -> Bool {
        if reservations.isEmpty { return seats.count < maxClients }
        return seats.count + reservations.count { $0.end > now && $0.slot != slot } < maxClients
    }

    /// Keeps a place for a slot that has no connection.
    @usableFromInline
    mutating func keepPlace(of slot: Slot, seconds: Int, now: UInt64) {
        // Expired ones are dropped here, so that the list stays as short as the room has places.
        reservations.removeAll { $0.end <= now || $0.slot == slot }
        let end = now + UInt64(seconds) * Self.nanosecondsPerSecond
        let position = reservations.firstIndex { $0.slot > slot } ?? reservations.endIndex
        reservations.insert(Reservation(slot: slot, end: end), at: position)
    }

    /// Gives up the place that is kept for a slot, since its owner is back.
    @usableFromInline
    mutating func release(_ slot: Slot) {
        if reservations.isEmpty { return }
        reservations.removeAll { $0.slot == slot }
        if reservations.isEmpty { reservations = [] }
    }
}

// MARK: - Journeys

extension Room {
    /// The room as it travels to another machine, or is kept over a restart.
    ///
    /// - Parameters:
    ///   - origin: the label that it is counted under.
    ///   - seconds: how long the places of those who are connected are kept for them.
    package func record(origin: String, keepingPlacesFor seconds: Int, now: UInt64) -> RoomRecord {
        var held = seats.map { RoomRecord.HeldPlace(slot: $0.slot, seconds: seconds) }
        held += reservations.filter { $0.end > now }.map { reservation in
            RoomRecord.HeldPlace(slot: reservation.slot, seconds: Self.seconds(until: reservation.end, now: now))
        }
        let good = tickets.filter { $0.end > now }.map { ticket in
            RoomRecord.HeldTicket(
                slot: ticket.slot, seconds: Self.seconds(until: ticket.end, now: now), digest: ticket.digest)
        }
        return RoomRecord(
            code: code, maxClients: maxClients, url: urlTemplate ?? url, holdSeconds: holdSeconds, origin: origin,
            hash: slots.hash, owners: slots.owners, held: held.sorted { $0.slot < $1.slot }, snapshot: snapshot,
            isLocked: isLocked, banned: banned, tickets: good)
    }

    /// Rounded up, so that nothing ends by a journey.
    private static func seconds(until end: UInt64, now: UInt64) -> Int {
        Int((end - now + nanosecondsPerSecond - 1) / nanosecondsPerSecond)
    }

    /// A room that arrives: dormant, with the places of those who were connected kept for them. Its host has just left.
    ///
    /// - Parameters:
    ///   - url: the record's, filled in for this machine.
    ///   - maxClients: the record's, or this machine's limit if that is less.
    package init(_ record: RoomRecord, url: String?, maxClients: Int, now: UInt64) {
        code = record.code
        self.maxClients = maxClients
        self.url = url
        urlTemplate = record.url == url ? nil : record.url
        holdSeconds = record.holdSeconds
        seats = []
        snapshot = record.snapshot
        slots = SlotTable(hash: record.hash, owners: record.owners)
        hostDepartures = 1
        // No more than the room has places: else none of their owners would get in.
        reservations = record.held.prefix(maxClients).map { place in
            Reservation(slot: place.slot, end: now + UInt64(place.seconds) * Self.nanosecondsPerSecond)
        }
        isLocked = record.isLocked
        banned = Array(record.banned.suffix(Self.mostBanned))
        tickets = record.tickets.prefix(Self.mostTickets).map { ticket in
            let seconds = UInt64(min(ticket.seconds, Ticket.lifetimeSeconds))
            return IssuedTicket(
                slot: ticket.slot, digest: ticket.digest, end: now + seconds * Self.nanosecondsPerSecond)
        }
    }

    /// The absence of the host that a room arrives with.
    package static var absenceOnArrival: Int { 1 }
}
