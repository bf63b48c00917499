import RelayCore
import Testing

@Suite("New slots of a room")
struct NewSlotsTests {
    private static let second: UInt64 = 1_000_000_000

    /// Joins as new clients, each of which leaves at once, until one is refused.
    ///
    /// - Returns: the number that got a slot, and why the next one did not.
    private static func burn(
        _ room: inout Room<Int>, now: UInt64, mayGrow: Bool = true, as name: String = "stranger"
    ) -> (slots: Int, refusal: JoinRefusal?) {
        var slots = 0
        while true {
            do throws(JoinRefusal) {
                let action = try room.join(RoomTests.id("\(name) \(now) \(slots)"), as: 1, mayGrow: mayGrow, now: now)
                guard case .entered(let slot) = action,
                    room.leave(slot, .goodbye, now: now) == .left(hostAbsence: nil)
                else {
                    Issue.record("a new id gets a new slot")
                    return (slots, nil)
                }
                slots += 1
            } catch {
                return (slots, error)
            }
        }
    }

    @Test(
        "a room gives out so many slots at once, and then eight a second, however many ask",
        arguments: [(2, 64), (8, 64), (32, 64), (33, 66), (1_000, 2_000)])
    func rate(maxClients: Int, burst: Int) {
        var room = RoomTests.room(maxClients: maxClients)
        #expect(room.newSlotBurst == burst)
        var now = Self.second
        #expect(Self.burn(&room, now: now) == (burst, .tooManyNewcomers))
        for step in 1...4 {
            now += Self.second * UInt64(step)
            #expect(Self.burn(&room, now: now) == (8 * step, .tooManyNewcomers))
        }
        // What is not used is kept, up to the burst.
        now += 3_600 * Self.second
        #expect(Self.burn(&room, now: now) == (burst, .tooManyNewcomers))
    }

    @Test("an eighth of a second after strangers have used up the slots, a newcomer gets in; refusals cost nothing")
    func newcomerAfterFlood() throws {
        var room = RoomTests.room(maxClients: 8)
        _ = Self.burn(&room, now: 0)
        for _ in 0..<1_000 { #expect(Self.burn(&room, now: 0, as: "other") == (0, .tooManyNewcomers)) }
        let action = try room.join(RoomTests.id("guest"), as: 2, mayGrow: true, now: Self.second / 8)
        #expect(action == .entered(Slot(65)))
    }

    @Test("who has a slot comes back to it, and takes it over, while no new ones are given")
    func owners() throws {
        var room = RoomTests.room(maxClients: 8)
        _ = try room.join(RoomTests.id("guest"), as: 5)
        _ = Self.burn(&room, now: 0)
        for mayGrow in [true, false] {
            let back = try room.join(RoomTests.id("guest"), as: 6, mayGrow: mayGrow, now: 0)
            #expect(back == .replaced(Slot(1), old: mayGrow ? 5 : 6))
            #expect(room.leave(Slot(1), .goodbye, now: 0) == .left(hostAbsence: nil))
            #expect(try room.join(RoomTests.id("guest"), as: 6, mayGrow: mayGrow, now: 0) == .reclaimed(Slot(1)))
        }
    }

    @Test("without memory for more slots nobody new gets in, which uses up none of the slots for later")
    func noMemory() throws {
        var room = RoomTests.room(maxClients: 8)
        for _ in 0..<1_000 { #expect(Self.burn(&room, now: 0, mayGrow: false) == (0, .outOfMemory)) }
        #expect(Self.burn(&room, now: 0) == (64, .tooManyNewcomers))
    }

    @Test("a room without a free place is full, whatever else it lacks")
    func full() throws {
        var room = RoomTests.room(maxClients: 1)
        #expect(Self.burn(&room, now: 0, mayGrow: false) == (0, .full))
    }

    @Test("strangers need more than two hours for all slots of a room's life, and its players still come back then")
    func allSlots() throws {
        var room = RoomTests.room(maxClients: 8)
        var given = Self.burn(&room, now: 0).slots
        var seconds = 0
        while seconds < 10_000 {
            seconds += 1
            let (slots, refusal) = Self.burn(&room, now: UInt64(seconds) * Self.second)
            given += slots
            if refusal == .outOfSlots { break }
            guard refusal == .tooManyNewcomers else {
                Issue.record("refused because \(refusal as Any)")
                return
            }
        }
        #expect(given == 65_535)
        #expect(seconds > 2 * 3_600)
        #expect(Self.burn(&room, now: .max / 4) == (0, .outOfSlots))
        // A slot in the middle, by the id that got it.
        let owner = RoomTests.id("stranger \(100 * Self.second) 3")
        #expect(try room.join(owner, as: 5, mayGrow: false, now: 0) == .reclaimed(Slot(64 + 99 * 8 + 3 + 1)))
        #expect(try room.join(RoomTests.id("host"), as: 6, mayGrow: false, now: 0) == .replaced(.host, old: 100))
    }

    @Test(
        "the bounds grow with the room and saturate",
        arguments: [
            (1, 64, 65_536), (4_096, 8_192, 65_536), (4_097, 8_194, 65_552), (.max, .max, Int(Int32.max)),
            (.max / 16 + 1, .max / 16 * 2 + 2, Int(Int32.max)),
        ])
    func bounds(maxClients: Int, burst: Int, slots: Int) {
        #expect(RoomTests.room(maxClients: maxClients).slotLimit == slots)
        #expect(RoomTests.room(maxClients: maxClients).newSlotBurst == burst)
    }

    @Test(
        "each refusal has its text",
        arguments: [
            (JoinRefusal.full, "Room is full"), (.outOfSlots, "Room is full"), (.outOfMemory, "Server is full"),
            (.tooManyNewcomers, "Too many attempts"),
        ])
    func texts(refusal: JoinRefusal, text: String) {
        #expect(refusal.error.message == text)
    }
}
