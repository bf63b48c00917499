import RelayCore
import Testing

@testable import RelayEngine

@Suite("The queue of dormant rooms")
struct DormantRoomsTests {
    private static func code(_ number: UInt64) -> RoomCode { RoomCode(home: nil, random: number) }

    @Test("rooms come out in the order in which they end, and not before")
    func order() {
        var queue = DormantRooms()
        for number: UInt64 in 1...3 { queue.add(Self.code(number), until: 10 * number) }
        #expect(queue.nextEnd == 10)
        #expect(queue.popFirst(dueBy: 9) == nil)
        #expect(queue.popFirst(dueBy: 10) == DormantRooms.Entry(code: Self.code(1), end: 10))
        #expect(queue.popFirst(dueBy: 19) == nil)
        #expect(queue.popFirst(dueBy: .max) == DormantRooms.Entry(code: Self.code(2), end: 20))
        #expect(queue.nextEnd == 30)
        #expect(queue.popFirst(dueBy: 31)?.code == Self.code(3))
        #expect(queue.nextEnd == nil)
        #expect(queue.popFirst(dueBy: .max) == nil)
    }

    @Test("a room that is lost and found all the time does not make the queue grow", arguments: [1, 100])
    func bounded(dormant: Int) {
        var queue = DormantRooms()
        var ends: [RoomCode: UInt64] = [:]
        var most = 0
        for time: UInt64 in 1...10_000 {
            let code = Self.code(time % UInt64(dormant))
            ends[code] = time
            queue.add(code, until: time)
            queue.tidyUp(dormant: ends.count) { ends[$0.code] == $0.end }
            most = max(most, queue.count)
        }
        #expect(most <= 2 * max(dormant, 64))
        // Those that count are all there, in order.
        var left: [UInt64] = []
        while let entry = queue.popFirst(dueBy: .max) {
            if ends[entry.code] == entry.end { left.append(entry.end) }
        }
        #expect(left == ends.values.sorted())
    }
}
