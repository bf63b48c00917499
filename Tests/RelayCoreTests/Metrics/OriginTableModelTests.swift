import RelayCore
import TestSupport
import Testing

@Suite("Counting by origin under random events")
struct OriginTableModelTests {
    /// What has been done to a table.
    private struct Events {
        var rooms: [OriginID] = []
        var clients: [OriginID] = []
        /// Connections and rooms by origin since the last scrape.
        var connections: [String: Int] = [:]
        var roomsCreated: [String: Int] = [:]

        mutating func happen(to table: inout OriginTable, _ dice: inout SeededGenerator, round: Int) {
            // Few origins are busy and very many come once, as an attacker would have it.
            let origin = "\(dice.roll(4) == 0 ? dice.roll(100_000) : dice.roll(20 + 40 * round))"
            let id = table.connectionOpened(from: origin)
            connections[origin, default: 0] += 1
            if dice.roll(3) == 0 {
                table.roomCreated(id)
                roomsCreated[origin, default: 0] += 1
                rooms.append(id)
            }
            if dice.roll(2) == 0 {
                table.clientJoined(id)
                clients.append(id)
            }
            if rooms.count > 100 { table.roomEnded(rooms.remove(at: dice.roll(rooms.count))) }
            if clients.count > 200 { table.clientLeft(clients.remove(at: dice.roll(clients.count))) }
        }
    }

    @Test(
        "each series rises by what has happened under it and by nothing else, and the sums stay right",
        arguments: 1...6 as ClosedRange<UInt64>)
    func invariants(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var table = OriginTable()
        var events = Events()
        var sum = OriginTotals()
        // Half of the tables are scraped before anything happens.
        var last = OriginTable.emptySnapshot
        if seed.isMultiple(of: 2) { #expect(table.snapshot() == last) }
        for round in 0..<20 {
            for _ in 0..<400 { events.happen(to: &table, &dice, round: round) }
            sum.connections += events.connections.values.reduce(0, +)
            sum.roomsCreated += events.roomsCreated.values.reduce(0, +)
            let snapshot = table.snapshot()
            checkLoads(of: snapshot, rooms: events.rooms.count, clients: events.clients.count)
            let totals = snapshot.totals.map(\.counts) + [snapshot.otherTotals]
            #expect(totals.reduce(0) { $0 + $1.connections } == sum.connections)
            #expect(totals.reduce(0) { $0 + $1.roomsCreated } == sum.roomsCreated)
            checkRise(from: last, to: snapshot, by: \.connections, events.connections)
            checkRise(from: last, to: snapshot, by: \.roomsCreated, events.roomsCreated)
            events.connections = [:]
            events.roomsCreated = [:]
            last = snapshot
        }
        #expect(last.tracked == OriginTable.maxTracked)
        #expect(last.totals.count > OriginTable.maxShown)
        for id in events.rooms { table.roomEnded(id) }
        for id in events.clients { table.clientLeft(id) }
        let empty = table.snapshot()
        #expect((empty.loads.map(\.counts) + [empty.otherLoad]).allSatisfy { $0 == OriginLoad() })
    }

    private func checkLoads(of snapshot: OriginSnapshot, rooms: Int, clients: Int) {
        let loads = snapshot.loads.map(\.counts) + [snapshot.otherLoad]
        #expect(loads.reduce(0) { $0 + $1.rooms } == rooms)
        #expect(loads.reduce(0) { $0 + $1.clients } == clients)
        #expect(loads.allSatisfy { $0.rooms >= 0 && $0.clients >= 0 })
        #expect(snapshot.loads.count <= OriginTable.maxShown)
        #expect(snapshot.tracked <= OriginTable.maxTracked)
        #expect(snapshot.loads.map(\.counts.clients) == snapshot.loads.map(\.counts.clients).sorted(by: >))
    }

    /// A series that was there stays, and has risen by its origin's events; a new one has counted none that the others
    /// have counted as well.
    private func checkRise(
        from last: OriginSnapshot, to snapshot: OriginSnapshot, by count: KeyPath<OriginTotals, Int>,
        _ events: [String: Int]
    ) {
        let before = Dictionary(uniqueKeysWithValues: last.totals.map { ($0.origin, $0.counts[keyPath: count]) })
        let after = Dictionary(uniqueKeysWithValues: snapshot.totals.map { ($0.origin, $0.counts[keyPath: count]) })
        #expect(after.count <= OriginTable.maxSeries)
        var counted = 0
        for (origin, value) in after {
            let rise = value - (before[origin] ?? 0)
            // One that is new in this scrape began with some event, or with the scrape.
            #expect(rise == events[origin, default: 0] || before[origin] == nil && rise >= 0, "\(origin)")
            #expect(rise <= events[origin, default: 0], "\(origin)")
            counted += rise
        }
        #expect(before.keys.allSatisfy { after[$0] != nil })
        let rise = snapshot.otherTotals[keyPath: count] - last.otherTotals[keyPath: count]
        #expect(rise == events.values.reduce(0, +) - counted)
    }
}

extension OriginTable {
    /// What a table shows that has counted nothing.
    fileprivate static var emptySnapshot: OriginSnapshot {
        var table = OriginTable()
        return table.snapshot()
    }
}
