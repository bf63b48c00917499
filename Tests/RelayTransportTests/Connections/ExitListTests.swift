import RelayWire
import Testing

@testable import RelayEngine

@Suite("Connections that leave a loop")
struct ExitListTests {
    private typealias List = ExitList<ScriptedHandler>

    /// Works off what is to be closed, as a loop does.
    ///
    /// - Parameter each: may add more.
    private static func processCloses(
        _ list: inout List, _ each: (Int32, inout List) -> Void = { _, _ in }
    ) -> [Int32] {
        var closed: [Int32] = []
        while let close = list.takeClose() {
            closed.append(close.connection.descriptor)
            each(close.connection.descriptor, &list)
        }
        return closed
    }

    @Test(
        "closes come in the order in which they were decided, each once",
        arguments: [[], [2], [3, 1, 2], [1, 1, 0]] as [[Int32]])
    func closes(order: [Int32]) {
        let connections = (0..<4).map { ScriptedConnection.unconnected($0) }
        var list = List()
        #expect(!list.hasCloses)
        for _ in 0..<2 {
            for number in order { list.add(.close(.abort), of: connections[Int(number)]) }
            #expect(list.hasCloses == !order.isEmpty)
            #expect(Self.processCloses(&list) == order)
            #expect(!list.hasCloses)
        }
    }

    @Test("each close keeps its own ending")
    func endings() {
        let connection = ScriptedConnection.unconnected(1)
        var list = List()
        list.add(.close(.close(.roomClosed, reason: "over")), of: connection)
        list.add(.close(.echo(.normal, reason: "")), of: connection)
        list.add(.close(.finish), of: connection)
        list.add(.close(.abort), of: connection)
        let endings = (0..<4).map { _ in list.takeClose().map { "\($0.ending)" } }
        #expect(Set(endings).count == 4)
        guard case .some(let text) = endings[0] else { return #expect(Bool(false)) }
        #expect(text.contains("over"))
    }

    @Test("those that a close adds are closed after all that were there")
    func addedMeanwhile() {
        let connections = (0..<6).map { ScriptedConnection.unconnected($0) }
        var list = List()
        for number in [0, 1] { list.add(.close(.finish), of: connections[number]) }
        let closed = Self.processCloses(&list) { number, list in
            #expect(list.hasCloses)
            // Each of the first three takes another one along.
            if number < 3 { list.add(.close(.abort), of: connections[Int(number) + 2]) }
        }
        #expect(closed == [0, 1, 2, 3, 4])
        #expect(!list.hasCloses)
    }

    @Test("moves are handed out by key, together, in their order and once; closes do not touch them")
    func moves() {
        let connections = (0..<4).map { ScriptedConnection.unconnected($0) }
        var list = List()
        list.add(.move(toLoop: 7, payload: .message), of: connections[2])
        list.add(.close(.abort), of: connections[0])
        list.add(.move(toLoop: 5, payload: .message), of: connections[1])
        #expect(Self.processCloses(&list) == [0])
        let moves = list.takeMoves()
        #expect(moves.map(\.key) == [connections[2].key, connections[1].key])
        #expect(moves.map(\.target) == [7, 5])
        #expect(list.takeMoves().isEmpty)
    }

    @Test("a connection is held until its close is worked off, and for a move not at all", arguments: [true, false])
    func references(isMove: Bool) {
        var list = List()
        weak var connection: ScriptedConnection?
        do {
            let leaving = ScriptedConnection.unconnected(1)
            connection = leaving
            list.add(isMove ? .move(toLoop: 1, payload: .message) : .close(.abort), of: leaving)
        }
        #expect((connection == nil) == isMove)
        #expect(Self.processCloses(&list).count == (isMove ? 0 : 1))
        #expect(connection == nil)
    }
}
