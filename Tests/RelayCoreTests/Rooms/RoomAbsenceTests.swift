import RelayCore
import Testing

@Suite("Rooms and those who are away")
struct RoomAbsenceTests {
    private static let second: UInt64 = 1_000_000_000

    private static func room(maxClients: Int = 2, hold: Int = 0, template: String? = nil) -> Room<Int> {
        Room(
            code: RoomCode(home: nil, random: 7), maxClients: maxClients,
            url: template.map { $0.replacing("{instance}", with: "old") }, urlTemplate: template, holdSeconds: hold,
            host: RoomTests.id("host"), member: 100, hash: RoomTests.hash)
    }

    private static func arrived(_ room: Room<Int>, at now: UInt64 = 0) -> Room<Int> {
        let record = room.record(origin: "", keepingPlacesFor: 30, now: now)
        return Room(
            record, url: record.url?.replacing("{instance}", with: "new"), maxClients: room.maxClients, now: now)
    }

    @Test("a room whose last member is lost is dormant, and one whose last member says goodbye has ended")
    func last() {
        var lost = Self.room()
        #expect(lost.leave(.host, .lost, now: 0) == .emptied(hostAbsence: 1))
        #expect(lost.isDormant)
        var left = Self.room()
        #expect(left.leave(.host, .goodbye, now: 0) == .ended)
    }

    @Test("a dormant room is there for those who have a slot alone, and the first of them wakes it up")
    func dormant() throws {
        var room = Self.room()
        _ = try room.join(RoomTests.id("a"), as: 101)
        _ = room.leave(.host, .goodbye, now: 0)
        #expect(room.leave(Slot(1), .lost, now: 0) == .emptied(hostAbsence: nil))
        #expect(throws: JoinRefusal.dormant) { try room.join(RoomTests.id("b"), as: 102) }
        #expect(try room.join(RoomTests.id("host"), as: 103) == .reclaimed(.host))
        #expect(!room.isDormant)
        #expect(try room.join(RoomTests.id("b"), as: 104) == .entered(Slot(2)))
    }

    @Test("the place of a lost member is free at once, unless the room keeps it")
    func free() throws {
        for hold in [0, 5] {
            var room = Self.room(hold: hold)
            _ = try room.join(RoomTests.id("a"), as: 101)
            #expect(room.leave(Slot(1), .lost, now: 0) == .left(hostAbsence: nil))
            #expect(room.heldPlaces(now: 0) == (hold == 0 ? 0 : 1))
            let isFree = (try? room.join(RoomTests.id("b"), as: 102)) != nil
            #expect(isFree == (hold == 0))
        }
    }

    @Test("a place is kept for its owner alone, up to its end and not longer")
    func kept() throws {
        for (seconds, isKept) in [(0, true), (4, true), (5, false), (60, false)] as [(UInt64, Bool)] {
            var room = Self.room(hold: 5)
            _ = try room.join(RoomTests.id("a"), as: 101)
            _ = room.leave(Slot(1), .lost, now: Self.second)
            let now = (1 + seconds) * Self.second
            #expect(room.heldPlaces(now: now) == (isKept ? 1 : 0))
            var other = room
            let result = Result { () throws(JoinRefusal) in
                try other.join(RoomTests.id("b"), as: 102, mayGrow: true, now: now)
            }
            #expect(result == (isKept ? .failure(.full) : .success(.entered(Slot(2)))))
            #expect(try room.join(RoomTests.id("a"), as: 103, mayGrow: true, now: now) == .reclaimed(Slot(1)))
            #expect(room.heldPlaces(now: now) == 0)
        }
    }

    @Test("no place is kept for who has said goodbye")
    func goodbye() throws {
        var room = Self.room(hold: 5)
        _ = try room.join(RoomTests.id("a"), as: 101)
        _ = room.leave(Slot(1), .goodbye, now: 0)
        #expect(room.heldPlaces(now: 0) == 0)
        #expect(try room.join(RoomTests.id("b"), as: 102) == .entered(Slot(2)))
    }

    @Test("who is lost again and again has one place kept, counted from the last time")
    func again() throws {
        var room = Self.room(maxClients: 3, hold: 5)
        for turn in 0..<50 as Range<UInt64> {
            _ = try room.join(RoomTests.id("a"), as: 101, mayGrow: true, now: turn * Self.second)
            _ = room.leave(Slot(1), .lost, now: turn * Self.second)
            #expect(room.heldPlaces(now: turn * Self.second) == 1)
        }
        #expect(room.heldPlaces(now: 53 * Self.second) == 1)
        #expect(room.heldPlaces(now: 54 * Self.second) == 0)
    }

    @Test("a room arrives as it left, without connections, with the places of those who were connected kept for them")
    func journey() throws {
        var room = Self.room(maxClients: 2, template: "https://a.example/?pin={instance}")
        _ = try room.join(RoomTests.id("a"), as: 101)
        _ = room.leave(Slot(1), .lost, now: 0)
        _ = try room.join(RoomTests.id("b"), as: 102)
        try room.setState([1, 2], by: .host)
        var arrived = Self.arrived(room, at: 9)
        #expect(arrived.isDormant)
        #expect(arrived.code == room.code)
        #expect(arrived.snapshot == [1, 2])
        #expect(arrived.url == "https://a.example/?pin=new")
        #expect(arrived.heldPlaces(now: 9) == 2)
        // Whose place was free when the room left finds it taken.
        #expect(throws: JoinRefusal.full) { try arrived.join(RoomTests.id("a"), as: 201, mayGrow: true, now: 9) }
        #expect(throws: JoinRefusal.dormant) { try arrived.join(RoomTests.id("c"), as: 202, mayGrow: true, now: 9) }
        #expect(try arrived.join(RoomTests.id("b"), as: 203, mayGrow: true, now: 9) == .reclaimed(Slot(2)))
        #expect(Array(arrived.peers(of: Slot(2))).isEmpty)
        #expect(try arrived.join(RoomTests.id("host"), as: 204, mayGrow: true, now: 9) == .reclaimed(.host))
        #expect(Array(arrived.peers(of: .host)) == [Slot(2)])
        #expect(arrived.hostGraceExpired(absence: Room<Int>.absenceOnArrival) == false)
        // New clients get the next slot, not one that was given before.
        _ = arrived.leave(.host, .goodbye, now: 9)
        #expect(try arrived.join(RoomTests.id("d"), as: 205, mayGrow: true, now: 9) == .entered(Slot(3)))
    }

    @Test("a room that has fewer places after its journey keeps no more than those, of the first slots")
    func fewerPlaces() throws {
        var room = Self.room(maxClients: 4)
        for name in ["a", "b", "c"] { _ = try room.join(RoomTests.id(name), as: 101) }
        let record = room.record(origin: "", keepingPlacesFor: 30, now: 0)
        var arrived = Room<Int>(record, url: nil, maxClients: 2, now: 0)
        #expect(arrived.heldPlaces(now: 0) == 2)
        #expect(throws: JoinRefusal.full) { try arrived.join(RoomTests.id("c"), as: 203) }
        #expect(try arrived.join(RoomTests.id("a"), as: 201) == .reclaimed(Slot(1)))
        #expect(throws: JoinRefusal.full) { try arrived.join(RoomTests.id("b"), as: 202) }
        #expect(try arrived.join(RoomTests.id("host"), as: 200) == .reclaimed(.host))
    }

    @Test("a host that does not come back after a journey is absent from the arrival on")
    func absentHost() throws {
        var arrived = Self.arrived(Self.room())
        #expect(arrived.hostGraceExpired(absence: Room<Int>.absenceOnArrival))
        _ = try arrived.join(RoomTests.id("host"), as: 201)
        #expect(!arrived.hostGraceExpired(absence: Room<Int>.absenceOnArrival))
        #expect(arrived.leave(.host, .lost, now: 0) == .emptied(hostAbsence: 2))
    }

    @Test("a second journey loses nothing", arguments: ["https://a.example/{instance}", "https://a.example/x", nil])
    func twice(template: String?) throws {
        var room = Self.room(maxClients: 5, hold: 7, template: template)
        for name in ["a", "b", "c"] { _ = try room.join(RoomTests.id(name), as: 101) }
        let once = Self.arrived(room)
        let twice = Self.arrived(once)
        let (first, second) = (
            once.record(origin: "o", keepingPlacesFor: 30, now: 0),
            twice.record(origin: "o", keepingPlacesFor: 30, now: 0)
        )
        #expect(first == second)
        #expect(first == room.record(origin: "o", keepingPlacesFor: 30, now: 0))
    }
}
