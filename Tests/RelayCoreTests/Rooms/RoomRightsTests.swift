import RelayCore
import Testing

@Suite("Rights and tickets of a room")
struct RoomRightsTests {
    private static let second: UInt64 = 1_000_000_000
    private static let ticket = Ticket(random: 1, 2)

    /// A room of three, the last of whom has been lost; its place is kept.
    private static func room() throws -> Room<Int> {
        var room = Room(
            code: RoomCode(home: nil, random: 7), maxClients: 3, url: nil, holdSeconds: 600, host: RoomTests.id("host"),
            member: 100, hash: RoomTests.hash)
        _ = try room.join(RoomTests.id("a"), as: 101)
        _ = try room.join(RoomTests.id("b"), as: 102)
        _ = room.leave(Slot(2), .lost, now: 0)
        return room
    }

    @Test("a ticket's text is 32 hexadecimal digits of its bits")
    func text() {
        #expect(
            String(decoding: Ticket(random: 0x0123_4567_89AB_CDEF, 1).bytes, as: UTF8.self)
                == "0123456789abcdef0000000000000001")
        #expect(
            String(decoding: ClientID(random: .max, 0xA0).bytes, as: UTF8.self)
                == "ffffffffffffffff00000000000000a0")
    }

    @Test("a ticket never shows itself")
    func secret() {
        let ticket = Self.ticket
        var dumped = ""
        dump(ticket, to: &dumped)
        for text in ["\(ticket)", String(reflecting: ticket), "\([ticket])", dumped] {
            #expect(!text.contains("0000000000000001") && !text.contains("48"))
        }
    }

    @Test("a ticket is good for ten minutes, and not a moment longer", arguments: [(599, true), (600, false)])
    func lifetime(seconds: UInt64, isGood: Bool) throws {
        var room = try Self.room()
        try room.issue(Self.ticket, for: Slot(1), now: 5)
        let now = 5 + seconds * Self.second
        #expect((room.slot(for: Self.ticket, now: now) != nil) == isGood)
        let result = Result { () throws(JoinRefusal) in
            try room.join(RoomTests.id("new"), with: Self.ticket, as: 103, mayGrow: true, now: now)
        }
        #expect(result == (isGood ? .success(.replaced(Slot(1), old: 101)) : .failure(.invalidTicket)))
    }

    @Test("of more tickets than a room keeps, the oldest is not good any more")
    func manyTickets() throws {
        var room = try Self.room()
        let tickets = (0...Room<Int>.mostTickets).map { Ticket(random: 0, UInt64($0)) }
        let before = room.heldBytes
        for ticket in tickets { try room.issue(ticket, for: Slot(1), now: 0) }
        #expect(room.slot(for: tickets[0], now: 0) == nil)
        #expect(tickets.dropFirst().allSatisfy { room.slot(for: $0, now: 0) == Slot(1) })
        #expect(room.heldBytes > before)
    }

    @Test("the memory that a ticket takes is known before it is issued")
    func growth() throws {
        var room = try Self.room()
        for number in 0..<(Room<Int>.mostTickets + 10) {
            let (before, growth) = (room.heldBytes, room.growthByTicket)
            try room.issue(Ticket(random: 0, UInt64(number)), for: Slot(1), now: 0)
            #expect(room.heldBytes - before <= growth)
        }
    }

    @Test("a ticket for somebody's own slot, and no ticket at all, change nothing")
    func own() throws {
        var room = try Self.room()
        try room.issue(Self.ticket, for: Slot(2), now: 0)
        #expect(
            try room.join(RoomTests.id("b"), with: Self.ticket, as: 103, mayGrow: true, now: 0)
                == .reclaimed(Slot(2)))
        #expect(room.slot(for: Self.ticket, now: 0) == nil)
        #expect(
            try room.join(RoomTests.id("a"), with: Self.ticket, as: 104, mayGrow: true, now: 0)
                == .replaced(Slot(1), old: 101))
    }

    @Test("a ticket that nobody can use yet stays good")
    func full() throws {
        var room = Room(
            code: RoomCode(home: nil, random: 7), maxClients: 2, url: nil, host: RoomTests.id("host"), member: 100,
            hash: RoomTests.hash)
        _ = try room.join(RoomTests.id("a"), as: 101)
        _ = room.leave(Slot(1), .lost, now: 0)
        _ = try room.join(RoomTests.id("b"), as: 102)
        try room.issue(Self.ticket, for: Slot(1), now: 0)
        #expect(throws: JoinRefusal.full) {
            try room.join(RoomTests.id("new"), with: Self.ticket, as: 103, mayGrow: true, now: 0)
        }
        _ = room.leave(Slot(2), .goodbye, now: 0)
        #expect(
            try room.join(RoomTests.id("new"), with: Self.ticket, as: 103, mayGrow: true, now: 0)
                == .reclaimed(Slot(1)))
    }

    @Test("to a stranger a dormant room is none, whatever ticket it shows")
    func dormant() throws {
        var room = try Self.room()
        try room.issue(Self.ticket, for: Slot(1), now: 0)
        _ = room.leave(Slot(1), .lost, now: 0)
        _ = room.leave(.host, .lost, now: 0)
        for ticket in [nil, Self.ticket, Ticket(random: 7, 7)] {
            #expect(throws: JoinRefusal.dormant) {
                try room.join(RoomTests.id("new"), with: ticket, as: 103, mayGrow: true, now: 0)
            }
        }
    }

    @Test("bans are bounded, also where tickets bring in ever new clients: the first is lifted for a further one")
    func manyBans() throws {
        var room = try Self.room()
        let count = Room<Int>.mostBanned + 1
        for number in 0..<count {
            try room.issue(Self.ticket, for: Slot(1), now: 0)
            let id = RoomTests.id("guest \(number)")
            _ = try room.join(id, with: Self.ticket, as: 200 + number, mayGrow: true, now: 0)
            _ = try room.kick(Slot(1), ban: true, now: 0)
            _ = room.leave(Slot(1), .goodbye, now: 0)
        }
        #expect(room.record(origin: "", keepingPlacesFor: 0, now: 0).banned.count == Room<Int>.mostBanned)
        #expect(throws: JoinRefusal.banned) { try room.join(RoomTests.id("guest 1"), as: 1) }
        #expect(try room.join(RoomTests.id("guest 0"), as: 1) == .entered(Slot(3)))
    }

    @Test("who is away with a place that is kept moves to another slot by a ticket, even in a full room")
    func movesWhileAway() throws {
        var room = try Self.room()
        _ = try room.join(RoomTests.id("a"), as: 103)
        _ = room.leave(Slot(1), .goodbye, now: 0)
        try room.issue(Self.ticket, for: Slot(1), now: 0)
        _ = try room.join(RoomTests.id("c"), as: 104)
        // Two are connected, and the third place is kept for b.
        #expect(throws: JoinRefusal.full) { try room.join(RoomTests.id("d"), as: 105) }
        #expect(
            try room.join(RoomTests.id("b"), with: Self.ticket, as: 106, mayGrow: true, now: 0)
                == .reclaimed(Slot(1)))
        #expect(room.heldPlaces(now: 0) == 0)
    }

    @Test("a kick of one who is away frees its place; a second one finds nothing to do")
    func kickAway() throws {
        var room = try Self.room()
        #expect(room.heldPlaces(now: 0) == 1)
        #expect(try room.kick(Slot(2), ban: false, now: 0) == nil)
        #expect(room.heldPlaces(now: 0) == 0)
        #expect(throws: RelayError.targetNotFound) { try room.kick(Slot(2), ban: false, now: 0) }
        #expect(throws: RelayError.targetNotFound) { try room.kick(Slot(3), ban: true, now: 0) }
        #expect(try room.kick(Slot(1), ban: false, now: 0) == 101)
    }

    @Test("lock, bans and tickets travel, and tickets with the rest of their time")
    func travel() throws {
        var room = try Self.room()
        room.setLocked(true)
        _ = try room.kick(Slot(2), ban: true, now: 0)
        try room.issue(Self.ticket, for: Slot(1), now: 0)
        let now = 400 * Self.second
        let record = room.record(origin: "", keepingPlacesFor: 30, now: now)
        let decoded = try RoomRecord(decoding: record.encoded().span)
        #expect(decoded == record)
        var arrived = Room<Int>(decoded, url: nil, maxClients: 3, now: 7)
        #expect(arrived.isLocked)
        #expect(arrived.slot(for: Self.ticket, now: 7 + 199 * Self.second) == Slot(1))
        #expect(arrived.slot(for: Self.ticket, now: 7 + 200 * Self.second) == nil)
        #expect(throws: JoinRefusal.banned) { try arrived.join(RoomTests.id("b"), as: 1) }
        _ = try arrived.join(RoomTests.id("host"), as: 1)
        #expect(throws: JoinRefusal.locked) { try arrived.join(RoomTests.id("new"), as: 2) }
        #expect(
            try arrived.join(RoomTests.id("new"), with: Self.ticket, as: 2, mayGrow: true, now: 7)
                == .reclaimed(Slot(1)))
    }
}
