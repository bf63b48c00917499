import RelayCore
import Testing

@Suite("Rooms")
struct RoomTests {
    static func room(maxClients: Int = 4) -> Room<Int> {
        Room(
            code: RoomCode(home: nil, random: 7), maxClients: maxClients, url: nil, host: id("host"), member: 100,
            hash: hash)
    }

    static let hash = SipHash(key0: 1, key1: 2)

    static func id(_ text: String) -> ClientID { ClientID(Array(text.utf8)) }

    @Test("the creator sits in slot 0")
    func creator() throws {
        let room = Self.room()
        #expect(room.seats.map(\.slot) == [.host])
        #expect(try room.seat(of: .host) == 100)
        #expect(room.snapshot == nil)
        #expect(Array(room.peers(of: .host)).isEmpty)
    }

    @Test("a new client gets the next index, and its peers are the other connected slots, ascending")
    func newClients() throws {
        var room = Self.room()
        #expect(try room.join(Self.id("a"), as: 101) == .entered(Slot(1)))
        #expect(try room.join(Self.id("b"), as: 102) == .entered(Slot(2)))
        #expect(Array(room.peers(of: Slot(2))) == [Slot(0), Slot(1)])
        #expect(Array(room.peers(of: Slot(1))) == [Slot(0), Slot(2)])
    }

    @Test("a returning client takes its old slot, which is reported as reclaimed and never given to anybody else")
    func returning() throws {
        var room = Self.room()
        _ = try room.join(Self.id("a"), as: 101)
        _ = try room.join(Self.id("b"), as: 102)
        #expect(room.leave(Slot(1), .goodbye, now: 0) == .left(hostAbsence: nil))
        #expect(try room.join(Self.id("c"), as: 103) == .entered(Slot(3)))
        #expect(try room.join(Self.id("a"), as: 104) == .reclaimed(Slot(1)))
        #expect(room.seats.map(\.slot.index) == [0, 1, 2, 3])
        #expect(room.seats.map(\.member) == [100, 104, 102, 103])
    }

    @Test("a client that joins while it is connected takes over, even in a full room")
    func takeover() throws {
        var room = Self.room(maxClients: 2)
        _ = try room.join(Self.id("a"), as: 101)
        #expect(try room.join(Self.id("a"), as: 102) == .replaced(Slot(1), old: 101))
        #expect(try room.join(Self.id("host"), as: 103) == .replaced(.host, old: 100))
        #expect(room.seats.map(\.member) == [103, 102])
    }

    @Test("a client's slot is known from its first join on, and whether it has a connection")
    func owners() throws {
        var room = Self.room()
        _ = try room.join(Self.id("a"), as: 101)
        _ = try room.join(Self.id("b"), as: 102)
        _ = room.leave(Slot(1), .goodbye, now: 0)
        #expect(room.slot(of: Self.id("host")) == .host)
        #expect(room.slot(of: Self.id("a")) == Slot(1))
        #expect(room.slot(of: Self.id("b")) == Slot(2))
        #expect(room.slot(of: Self.id("c")) == nil)
        #expect([0, 1, 2, 3].map { room.isConnected(Slot($0)) } == [true, false, true, false])
    }

    @Test("a full room admits neither a new nor a returning client, and a departure makes room at once")
    func full() throws {
        var room = Self.room(maxClients: 2)
        _ = try room.join(Self.id("a"), as: 101)
        #expect(throws: JoinRefusal.full) { try room.join(Self.id("b"), as: 102) }
        #expect(room.leave(Slot(1), .goodbye, now: 0) == .left(hostAbsence: nil))
        #expect(try room.join(Self.id("b"), as: 102) == .entered(Slot(2)))
        #expect(throws: JoinRefusal.full) { try room.join(Self.id("a"), as: 103) }
        #expect(room.leave(Slot(2), .goodbye, now: 0) == .left(hostAbsence: nil))
        #expect(try room.join(Self.id("a"), as: 103) == .reclaimed(Slot(1)))
    }

    @Test("a refused client uses up no slot")
    func turnedAway() throws {
        var room = Self.room(maxClients: 1)
        #expect(throws: JoinRefusal.full) { try room.join(Self.id("a"), as: 101) }
        #expect(room.seats.count == 1)
        var larger = Self.room(maxClients: 2)
        _ = try larger.join(Self.id("a"), as: 101)
        #expect(throws: JoinRefusal.full) { try larger.join(Self.id("b"), as: 102) }
        _ = larger.leave(Slot(1), .goodbye, now: 0)
        #expect(try larger.join(Self.id("c"), as: 103) == .entered(Slot(2)))
    }

    @Test("client ids are equal only if their bytes are")
    func clientIDBytes() throws {
        var room = Self.room()
        #expect(try room.join(Self.id("\u{E9}"), as: 101) == .entered(Slot(1)))
        #expect(try room.join(Self.id("e\u{301}"), as: 102) == .entered(Slot(2)))
    }

    @Test("the room ends when the last connected member leaves, whoever it is", arguments: [[0, 1], [1, 0]])
    func ends(order: [Int]) throws {
        var room = Self.room()
        _ = try room.join(Self.id("a"), as: 101)
        #expect(room.leave(Slot(order[0]), .goodbye, now: 0) != .ended)
        #expect(room.leave(Slot(order[1]), .goodbye, now: 0) == .ended)
    }

    @Test("a message for a slot that is not connected finds nobody", arguments: [1, 3, 99, -1, .max, .min])
    func notConnected(index: Int) throws {
        var room = Self.room()
        _ = try room.join(Self.id("a"), as: 101)
        _ = try room.join(Self.id("b"), as: 102)
        _ = room.leave(Slot(1), .goodbye, now: 0)
        #expect(throws: RelayError.targetNotFound) { try room.seat(of: Slot(index)) }
        #expect(try room.seat(of: Slot(2)) == 102)
    }

    @Test(
        "a number that no slot has names none, however large it is",
        arguments: [(1 << 31) - 1, 1 << 31, 1 << 32, (1 << 32) + 1, Int.max])
    func hugeSlots(index: Int) throws {
        let room = Self.room()
        #expect(throws: RelayError.targetNotFound) { try room.seat(of: Slot(index)) }
        #expect(!room.isConnected(Slot(index)))
    }
}

@Suite("The host of a room")
struct RoomHostTests {
    @Test("only slot 0 may set the state, and only the last one is kept")
    func state() throws {
        var room = RoomTests.room()
        _ = try room.join(RoomTests.id("a"), as: 101)
        try room.checkMaySetState(.host)
        try room.setState([1], by: .host)
        try room.setState([2, 3], by: .host)
        #expect(throws: RelayError.onlyHostCanSetState) { try room.checkMaySetState(Slot(1)) }
        #expect(throws: RelayError.onlyHostCanSetState) { try room.setState([4], by: Slot(1)) }
        #expect(room.snapshot == [2, 3])
    }

    @Test("only slot 0 may close the room")
    func close() throws {
        let room = RoomTests.room()
        try room.checkMayClose(.host)
        #expect(throws: RelayError.onlyHostCanClose) { try room.checkMayClose(Slot(1)) }
    }

    @Test("the room ends if the host stays away until its grace is over")
    func graceExpires() throws {
        var room = RoomTests.room()
        _ = try room.join(RoomTests.id("a"), as: 101)
        #expect(room.leave(.host, .goodbye, now: 0) == .left(hostAbsence: 1))
        #expect(room.hostGraceExpired(absence: 1))
    }

    @Test("a departure's grace ends nothing if the host has come back since, even if it left again")
    func staleTimer() throws {
        var room = RoomTests.room()
        _ = try room.join(RoomTests.id("a"), as: 101)
        #expect(room.leave(.host, .goodbye, now: 0) == .left(hostAbsence: 1))
        _ = try room.join(RoomTests.id("host"), as: 102)
        #expect(!room.hostGraceExpired(absence: 1))
        #expect(room.leave(.host, .goodbye, now: 0) == .left(hostAbsence: 2))
        #expect(!room.hostGraceExpired(absence: 1))
        #expect(room.hostGraceExpired(absence: 2))
    }

    @Test("neither a takeover by the host nor the departure of others is an absence")
    func noAbsence() throws {
        var room = RoomTests.room()
        _ = try room.join(RoomTests.id("a"), as: 101)
        _ = try room.join(RoomTests.id("b"), as: 102)
        _ = try room.join(RoomTests.id("host"), as: 103)
        #expect(room.leave(Slot(1), .goodbye, now: 0) == .left(hostAbsence: nil))
        #expect(!room.hostGraceExpired(absence: 0))
        #expect(room.leave(.host, .goodbye, now: 0) == .left(hostAbsence: 1))
    }
}

extension Room<Int> {
    /// A join in a room with memory for more slots, which has not given out many yet.
    mutating func join(_ clientID: ClientID, as member: Int) throws(JoinRefusal) -> JoinAction<Int> {
        try join(clientID, as: member, mayGrow: true, now: 0)
    }
}
