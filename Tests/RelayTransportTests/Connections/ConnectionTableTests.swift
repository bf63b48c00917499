import TestSupport
import Testing

@testable import RelayEngine

@Suite("The connections of a loop, by descriptor")
struct ConnectionTableTests {
    private typealias Table = ConnectionTable<ScriptedHandler>

    private struct Reference {
        weak var connection: ScriptedConnection?
    }

    /// A new connection in the table.
    private static func open(_ descriptor: Int32, in table: inout Table) -> ScriptedConnection {
        let connection = ScriptedConnection.unconnected(table.newKey(for: descriptor))
        table.insert(connection)
        return connection
    }

    @Test("no two connections have the same key, on whatever loops they are and whatever numbers are used again")
    func newKeys() {
        var keys: Set<ConnectionKey> = []
        for loop in [0, 1, 7, 255] {
            var table = Table(loop: loop)
            for round in 0..<100 { keys.insert(table.newKey(for: Int32(round % 3))) }
        }
        #expect(keys.count == 400)
    }

    @Test("a key finds its own connection, and nobody who has its descriptor's number after it")
    func reuse() {
        var table = Table(loop: 1)
        let first = Self.open(5, in: &table)
        table.retire(first)
        let second = Self.open(5, in: &table)
        for descriptor in [4, 1 << 20] as [Int32] {
            let unknown = table[ConnectionKey(descriptor: descriptor, serial: 1)]
            #expect(unknown == nil)
        }
        let ended = table[first.key]
        #expect(ended == nil)
        let (found, lent) = unsafe (table[second.key], table.lend(second.key)?.takeUnretainedValue())
        #expect(found === second && lent === second)
    }

    @Test(
        "whatever comes and goes in whatever order, the table knows those that are there, by descriptor",
        arguments: 1...8 as ClosedRange<UInt64>)
    func agreesWithDictionary(seed: UInt64) {
        var dice = SeededGenerator(seed: seed)
        var table = Table(loop: 2)
        var there: [Int32: ScriptedConnection] = [:]
        var gone: [ConnectionKey] = []
        for _ in 0..<500 {
            // Some beyond the places that the table has at first.
            let descriptor = Int32(dice.roll(dice.roll(4) == 0 ? 300 : 12))
            if let connection = there.removeValue(forKey: descriptor) {
                gone.append(connection.key)
                if dice.roll(2) == 0 { table.retire(connection) } else { table.remove(connection.key) }
            } else {
                there[descriptor] = Self.open(descriptor, in: &table)
            }
            if dice.roll(10) == 0 { table.releaseRetired() }
            let (count, all) = (table.count, table.all.map(\.key))
            #expect(count == there.count)
            #expect(all == there.values.map(\.key).sorted { $0.descriptor < $1.descriptor })
            for connection in there.values {
                let found = table[connection.key]
                #expect(found === connection)
            }
            let returned = gone.count { table[$0] != nil }
            #expect(returned == 0)
        }
    }

    @Test("a connection that has ended lives to the end of the turn, and one that another loop gets is let go")
    func lifetimes() {
        var table = Table(loop: 0)
        let key = Self.open(3, in: &table).key
        let moved = Self.open(4, in: &table).key
        let ended = Reference(connection: table[key])
        let given = Reference(connection: table[moved])
        #expect(ended.connection != nil && given.connection != nil)
        if let connection = ended.connection { table.retire(connection) }
        table.remove(moved)
        #expect(given.connection == nil)
        // Its number may be another's within the turn.
        _ = Self.open(3, in: &table)
        #expect(ended.connection?.key == key)
        table.releaseRetired()
        #expect(ended.connection == nil)
        let count = table.count
        #expect(count == 1)
    }
}
