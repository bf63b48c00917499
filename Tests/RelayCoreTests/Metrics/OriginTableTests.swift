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
        #expect(snapshot.other == OriginCounts())
        #expect(snapshot.rows.map(\.origin) == ["https://two.example", "https://one.example"])
        #expect(snapshot.rows.map(\.counts.connections) == [1, 2])
        #expect(snapshot.rows.map(\.counts.roomsCreated) == [0, 2])
        #expect(snapshot.rows.map(\.counts.liveRooms) == [0, 1])
        #expect(snapshot.rows.map(\.counts.liveClients) == [2, 1])
    }

    @Test("rows are ordered by live clients, then by connections, then by name")
    func order() {
        var table = OriginTable()
        for (origin, connections, clients) in [("c", 1, 0), ("b", 1, 0), ("a", 5, 0), ("z", 1, 2), ("y", 9, 1)] {
            for _ in 0..<connections { _ = table.connectionOpened(from: origin) }
            let id = table.connectionOpened(from: origin)
            for _ in 0..<clients { table.clientJoined(id) }
        }
        #expect(table.snapshot().rows.map(\.origin) == ["z", "y", "a", "b", "c"])
    }

    @Test("an origin that calls itself `__other__` gets no row of its own")
    func reservedLabel() {
        var table = OriginTable()
        #expect(table.connectionOpened(from: "__other__") == .other)
        #expect(table.tracked == 0)
        #expect(table.snapshot().other.connections == 1)
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
        let label = table.snapshot().rows.first?.origin
        #expect(label?.utf8.count == length)
        #expect(label.map(origin.hasPrefix) == true)
    }

    @Test("the origin counted longest ago makes way, and its counts move to the others")
    func eviction() {
        var table = OriginTable()
        let ids = (0..<OriginTable.maxTracked).map { table.connectionOpened(from: "\($0)") }
        table.roomCreated(ids[1])
        table.clientJoined(ids[1])
        for id in ids.dropFirst(2) { table.clientJoined(id) }
        table.clientJoined(ids[0])  // counted last: 1 is the oldest now
        _ = table.connectionOpened(from: "new")
        let snapshot = table.snapshot()
        #expect(snapshot.tracked == OriginTable.maxTracked)
        #expect(snapshot.other.liveRooms == 1)
        #expect(table.connectionOpened(from: "0") == ids[0])
        let again = table.connectionOpened(from: "1")
        #expect(again != ids[1])
        #expect(again != .other)
    }

    @Test("the id of an origin without a row counts to the others, not to the place's new owner")
    func staleID() {
        var table = OriginTable()
        let old = table.connectionOpened(from: "old")
        table.roomCreated(old)
        table.clientJoined(old)
        for number in 0..<OriginTable.maxTracked { _ = table.connectionOpened(from: "\(number)") }
        table.clientJoined(old)
        table.roomEnded(old)
        table.clientLeft(old)
        table.clientLeft(old)
        table.roomCreated(old)
        let snapshot = table.snapshot()
        #expect(snapshot.rows.allSatisfy { $0.counts.liveClients == 0 && $0.counts.roomsCreated == 0 })
        #expect(snapshot.other.liveClients == 0)
        #expect(snapshot.other.liveRooms == 1)
        #expect(snapshot.other.roomsCreated == 2)
    }

    @Test("at most 100 rows are shown, the busiest, and the others are summed")
    func shown() {
        var table = OriginTable()
        for number in 0..<150 {
            let id = table.connectionOpened(from: "\(number)")
            for _ in 0..<number { table.clientJoined(id) }
        }
        let snapshot = table.snapshot()
        #expect(snapshot.rows.map(\.origin) == (50..<150).reversed().map(String.init))
        #expect(snapshot.other.liveClients == (0..<50).reduce(0, +))
        #expect(snapshot.other.connections == 50)
        #expect(snapshot.tracked == 150)
    }

    @Test("the counter of the others does not decrease when an origin becomes one of those shown")
    func rising() {
        var table = OriginTable()
        let quiet = table.connectionOpened(from: "quiet")
        for number in 0..<100 {
            _ = table.connectionOpened(from: "\(number)")
            _ = table.connectionOpened(from: "\(number)")
        }
        #expect(table.snapshot().other.connections == 1)
        table.clientJoined(quiet)
        table.roomCreated(quiet)
        let snapshot = table.snapshot()
        #expect(snapshot.rows.first?.origin == "quiet")
        #expect(snapshot.rows.first?.counts.connections == 0)
        #expect(snapshot.rows.first?.counts.roomsCreated == 1)
        #expect(snapshot.other.connections == 1 + 2)
    }
}
