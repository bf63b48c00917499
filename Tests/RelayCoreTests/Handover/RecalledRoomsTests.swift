import RelayCore
import Testing

@Suite("Rooms that were taken back")
struct RecalledRoomsTests {
    private static func code(_ number: UInt64) -> RoomCode { RoomCode(home: nil, random: number) }

    @Test("an order is late if its room was taken back after it, and only then")
    func times() {
        var rooms = RecalledRooms()
        #expect(!rooms.contains(Self.code(1), after: 0))
        rooms.note(Self.code(1), at: 100)
        #expect(rooms.contains(Self.code(1), after: 99))
        // Given in the same second, it may have been given again.
        #expect(!rooms.contains(Self.code(1), after: 100))
        #expect(!rooms.contains(Self.code(2), after: 99))
        rooms.note(Self.code(1), at: 90)
        #expect(rooms.contains(Self.code(1), after: 99))
        rooms.note(Self.code(1), at: 200)
        #expect(rooms.contains(Self.code(1), after: 199))
    }

    @Test("however many are taken back, there is a bound, and what is over makes way")
    func bound() {
        var rooms = RecalledRooms()
        for number in 0..<40_000 as Range<UInt64> { rooms.note(Self.code(number), at: 1_000) }
        #expect(rooms.count == 32_768)
        rooms.note(Self.code(50_000), at: 1_120)
        #expect(rooms.count == 1)
        #expect(rooms.contains(Self.code(50_000), after: 1_119))
    }
}
