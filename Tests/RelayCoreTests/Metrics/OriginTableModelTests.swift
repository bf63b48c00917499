import RelayCore
import TestSupport
import Testing

@Suite("Counting by origin under random events")
struct OriginTableModelTests {
    /// The totals over all origins.
    private struct Totals: Equatable {
        var counts = OriginCounts()

        init() {}

        init(of snapshot: OriginSnapshot) {
            for part in snapshot.rows.map(\.counts) + [snapshot.other] {
                counts.connections += part.connections
                counts.roomsCreated += part.roomsCreated
                counts.liveRooms += part.liveRooms
                counts.liveClients += part.liveClients
            }
        }
    }

    @Test(
        "sums stay right, gauges never become negative, and no shown counter decreases",
        arguments: 1...4 as ClosedRange<UInt64>)
    func invariants(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var table = OriginTable()
        var totals = Totals()
        var last = table.snapshot()
        var rooms: [OriginID] = []
        var clients: [OriginID] = []
        for round in 0..<20 {
            for _ in 0..<400 {
                // Few origins are busy and very many come once, as an attacker would have it.
                let origin = "\(dice.roll(4) == 0 ? dice.roll(100_000) : dice.roll(20 + 40 * round))"
                let id = table.connectionOpened(from: origin)
                totals.counts.connections += 1
                if dice.roll(3) == 0 {
                    table.roomCreated(id)
                    totals.counts.roomsCreated += 1
                    rooms.append(id)
                }
                if dice.roll(2) == 0 {
                    table.clientJoined(id)
                    clients.append(id)
                }
                if rooms.count > 100 { table.roomEnded(rooms.remove(at: dice.roll(rooms.count))) }
                if clients.count > 200 { table.clientLeft(clients.remove(at: dice.roll(clients.count))) }
            }
            totals.counts.liveRooms = rooms.count
            totals.counts.liveClients = clients.count
            let snapshot = table.snapshot()
            #expect(Totals(of: snapshot) == totals)
            check(snapshot, after: last)
            last = snapshot
        }
        #expect(last.tracked == OriginTable.maxTracked)
        for id in rooms { table.roomEnded(id) }
        for id in clients { table.clientLeft(id) }
        let empty = table.snapshot()
        #expect((empty.rows.map(\.counts) + [empty.other]).allSatisfy { $0.liveRooms == 0 && $0.liveClients == 0 })
    }

    private func check(_ snapshot: OriginSnapshot, after last: OriginSnapshot) {
        #expect(snapshot.rows.count <= OriginTable.maxShown)
        #expect(snapshot.tracked <= OriginTable.maxTracked)
        #expect(Set(snapshot.rows.map(\.origin)).count == snapshot.rows.count)
        let all = snapshot.rows.map(\.counts) + [snapshot.other]
        #expect(all.allSatisfy { min($0.connections, $0.roomsCreated, $0.liveRooms, $0.liveClients) >= 0 })
        #expect(snapshot.other.connections >= last.other.connections)
        #expect(snapshot.other.roomsCreated >= last.other.roomsCreated)
    }
}
