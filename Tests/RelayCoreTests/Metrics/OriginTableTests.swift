import RelayCore
import Testing

@Suite("Counting by origin")
struct OriginTableTests {
    @Test("connections, rooms and clients count under their origin")
    func counts() {
        var table = OriginTable()
        let one = table.connectionOpened(from: "https://one.example")
        let two = table.connectionOpened(from: "https://two.example")
        #expect(table.connectionOpened(from: "https://one.example") == one)
        table.roomCreated(one)
        table.roomCreated(one)
        table.roomEnded(one)
        table.clientJoined(one)
        table.clientJoined(two)
        table.clientJoined(two)
        table.clientLeft(two)
        table.clientJoined(two)
        let snapshot = table.snapshot()
        #expect(snapshot.tracked == 2)
        #expect(snapshot.otherLoad == OriginLoad())
        #expect(snapshot.otherTotals == OriginTotals())
        #expect(snapshot.loads.map(\.origin) == ["https://two.example", "https://one.example"])
        #expect(snapshot.loads.map(\.counts.rooms) == [0, 1])
        #expect(snapshot.loads.map(\.counts.clients) == [2, 1])
        #expect(snapshot.totals.map(\.origin) == ["https://two.example", "https://one.example"])
        #expect(snapshot.totals.map(\.counts.connections) == [1, 2])
        #expect(snapshot.totals.map(\.counts.roomsCreated) == [0, 2])
    }

    @Test("rows are ordered by live clients, then by connections, then by name")
    func order() {
        var table = OriginTable()
        for (origin, connections, clients) in [("c", 1, 0), ("b", 1, 0), ("a", 5, 0), ("z", 1, 2), ("y", 9, 1)] {
            for _ in 0..<connections { _ = table.connectionOpened(from: origin) }
            let id = table.connectionOpened(from: origin)
            for _ in 0..<clients { table.clientJoined(id) }
        }
        #expect(table.snapshot().loads.map(\.origin) == ["z", "y", "a", "b", "c"])
        #expect(table.snapshot().totals.map(\.origin) == ["z", "y", "a", "b", "c"])
    }

    @Test("an origin that calls itself `__other__` gets no row of its own")
    func reservedLabel() {
        var table = OriginTable()
        #expect(table.connectionOpened(from: "__other__") == .other)
        #expect(table.tracked == 0)
        #expect(table.snapshot().otherTotals.connections == 1)
    }

    @Test(
        "a label is cut off after 256 bytes, but never within a Unicode scalar",
        arguments: [
            (String(repeating: "a", count: 256), 256), (String(repeating: "a", count: 257), 256),
            ("a" + String(repeating: "é", count: 128), 255), (String(repeating: "🎲", count: 100), 256),
            ("abc" + String(repeating: "🎲", count: 100), 255),
        ])
    func longLabel(origin: String, length: Int) {
        var table = OriginTable()
        let id = table.connectionOpened(from: origin)
        #expect(table.connectionOpened(from: origin) == id)
        let label = table.snapshot().loads.first?.origin
        #expect(label?.utf8.count == length)
        #expect(label.map(origin.hasPrefix) == true)
    }

    /// A table that is full: the origins from 0 on, of which the first 100 have a series.
    private static func full() -> (table: OriginTable, ids: [OriginID]) {
        var table = OriginTable()
        _ = table.snapshot()
        let ids = (0..<OriginTable.maxTracked).map { table.connectionOpened(from: "\($0)") }
        return (table, ids)
    }

    @Test("a row tells its label until it makes way, and the row of all others tells none")
    func labels() {
        var (table, ids) = Self.full()
        #expect(table.origin(of: ids[100])?.label == "100")
        let new = table.connectionOpened(from: "new")
        #expect(table.origin(of: ids[100]) == nil)
        #expect(table.origin(of: new)?.label == "new")
        #expect(table.origin(of: .other) == nil)
    }

    @Test("all that are counted in a row refer to one origin, and those of the row after it to another")
    func shares() throws {
        var (table, ids) = Self.full()
        let first = try #require(table.origin(of: table.connectionOpened(from: "100")))
        let second = try #require(table.origin(of: table.connectionOpened(from: "100")))
        #expect(first === second && first.id == ids[100])
        for index in 0..<OriginTable.maxTracked { _ = table.connectionOpened(from: "other \(index)") }
        let later = table.connectionOpened(from: "100")
        let third = try #require(table.origin(of: later))
        #expect(third !== first && third.id == later && third.label == first.label)
    }

    @Test("of the origins without a series the one counted longest ago makes way, and its load moves to the others")
    func eviction() {
        var (table, ids) = Self.full()
        table.roomCreated(ids[101])
        table.clientJoined(ids[101])
        for id in ids.dropFirst(102) { table.clientJoined(id) }
        table.clientJoined(ids[100])  // counted last: 101 is the oldest now
        _ = table.connectionOpened(from: "new")
        let snapshot = table.snapshot()
        #expect(snapshot.tracked == OriginTable.maxTracked)
        #expect(table.connectionOpened(from: "100") == ids[100])
        let again = table.connectionOpened(from: "101")
        #expect(again != ids[101])
        #expect(again != .other)
        #expect(snapshot.otherLoad.rooms == 1)
    }

    @Test("an origin with a series never makes way, however long ago it was counted")
    func keepsSeries() {
        var (table, ids) = Self.full()
        for number in 0..<2_000 { _ = table.connectionOpened(from: "new \(number)") }
        for (number, id) in ids.prefix(OriginTable.maxShown).enumerated() {
            #expect(table.connectionOpened(from: "\(number)") == id)
        }
        let totals = table.snapshot().totals
        #expect(totals.count == OriginTable.maxShown)
        #expect(totals.allSatisfy { $0.counts.connections == 2 && Int($0.origin) != nil })
    }

    @Test("the id of an origin without a row counts to the others, not to the place's new owner")
    func staleID() {
        var (table, _) = Self.full()
        let old = table.connectionOpened(from: "old")
        table.roomCreated(old)
        table.clientJoined(old)
        for number in 0..<OriginTable.maxTracked { _ = table.connectionOpened(from: "new \(number)") }
        table.clientJoined(old)
        table.roomEnded(old)
        table.clientLeft(old)
        table.clientLeft(old)
        table.roomCreated(old)
        let snapshot = table.snapshot()
        #expect(snapshot.loads.allSatisfy { $0.counts == OriginLoad() })
        #expect(snapshot.totals.allSatisfy { $0.counts.roomsCreated == 0 })
        #expect(snapshot.otherLoad.clients == 0)
        #expect(snapshot.otherLoad.rooms == 1)
        #expect(snapshot.otherTotals.roomsCreated == 2)
    }

    @Test("at most 100 loads are shown, the busiest, and the others are summed")
    func shown() {
        var table = OriginTable()
        for number in 0..<150 {
            let id = table.connectionOpened(from: "\(number)")
            for _ in 0..<number { table.clientJoined(id) }
        }
        let snapshot = table.snapshot()
        #expect(snapshot.loads.map(\.origin) == (50..<150).reversed().map(String.init))
        #expect(snapshot.otherLoad.clients == (0..<50).reduce(0, +))
        #expect(snapshot.tracked == 150)
    }

    @Test("an origin that becomes one of the busiest has a series from there on, and those of the others stay")
    func promoted() {
        var (table, ids) = Self.full()
        #expect(table.snapshot().otherTotals.connections == OriginTable.maxTracked - OriginTable.maxShown)
        table.clientJoined(ids[499])
        table.roomCreated(ids[499])
        let snapshot = table.snapshot()
        #expect(snapshot.loads.first?.origin == "499")
        #expect(snapshot.totals.count == OriginTable.maxShown + 1)
        #expect(snapshot.totals.first?.origin == "499")
        #expect(snapshot.totals.first?.counts == OriginTotals())
        #expect(snapshot.otherTotals.roomsCreated == 1)
        table.roomCreated(ids[499])
        #expect(table.snapshot().totals.first?.counts.roomsCreated == 1)
        #expect(table.snapshot().otherTotals.roomsCreated == 1)
    }

    @Test("origins that are no busier than those shown get no series")
    func notDisplaced() {
        var (table, _) = Self.full()
        for _ in 0..<3 {
            let snapshot = table.snapshot()
            #expect(snapshot.totals.count == OriginTable.maxShown)
            #expect(snapshot.loads.map(\.origin) == snapshot.totals.map(\.origin))
        }
    }

    @Test("no more than 200 get a series, and the busiest are shown nevertheless")
    func boundsSeries() {
        var (table, ids) = Self.full()
        for round in 1...4 {
            for id in ids.dropFirst(100 * round).prefix(100) {
                for _ in 0..<round { table.clientJoined(id) }
            }
            let snapshot = table.snapshot()
            #expect(snapshot.totals.count == OriginTable.maxSeries)
            #expect(Set(snapshot.loads.map(\.counts.clients)) == [round])
        }
    }

    @Test("the first scrape shows the busiest with all that they have counted")
    func firstScrape() {
        var table = OriginTable()
        for number in 0..<600 { _ = table.connectionOpened(from: "\(number)") }
        for _ in 0..<5 { table.roomCreated(table.connectionOpened(from: "599")) }
        let snapshot = table.snapshot()
        #expect(snapshot.totals.count == OriginTable.maxShown)
        #expect(snapshot.totals.first?.origin == "599")
        #expect(snapshot.totals.first?.counts.connections == 6)
        #expect(snapshot.totals.first?.counts.roomsCreated == 5)
        #expect(snapshot.otherTotals.connections == 500)
        #expect(snapshot.otherTotals.roomsCreated == 0)
        #expect(table.snapshot() == snapshot)
    }

    @Test("101 new rooms count as 101, whatever another origin has counted before")
    func rise() {
        var table = OriginTable()
        let first = table.connectionOpened(from: "first")
        for _ in 0..<500 { table.roomCreated(first) }
        let before = table.snapshot()
        for number in 0..<101 {
            let id = table.connectionOpened(from: "\(number)")
            table.roomCreated(id)
            table.clientJoined(id)
        }
        let after = table.snapshot()
        #expect(before.otherTotals.roomsCreated == 0)
        #expect(after.otherTotals.roomsCreated == 2)
        #expect(after.totals.first { $0.origin == "first" }?.counts.roomsCreated == 500)
        #expect(after.totals.reduce(2) { $0 + $1.counts.roomsCreated } == 601)
    }
}
