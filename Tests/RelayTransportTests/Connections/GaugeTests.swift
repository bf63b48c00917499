import Glibc
import RelayWire
import TestSupport
import Testing

@testable import RelayEngine

@Suite("The gauges of a loop")
struct GaugeTests {
    private typealias Client = (connection: ScriptedConnection, client: SocketPair)

    private static let request = Array("GET /a HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    private static let upgrade = Array(
        ("GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").utf8)

    private static func frame(_ opcode: Opcode, _ text: String) -> [UInt8] {
        var frame: [UInt8] = []
        FrameWriter.append(opcode, payload: Array(text.utf8).span, maskingKey: 0x0102_0304, to: &frame)
        return frame
    }

    private static func phases(_ loop: ScriptedLoop) -> [CountedPhase: Int] {
        let counts = CountedPhase.allCases.map { ($0, loop.counters.connectionsByPhase.current($0)) }
        return Dictionary(uniqueKeysWithValues: counts).filter { $0.value != 0 }
    }

    /// What the gauges are to show, counted anew from the table.
    private static func expectExact(_ loops: [ScriptedLoop], sourceLocation: SourceLocation = #_sourceLocation) {
        for loop in loops {
            let open = loop.table.all
            let slow = open.filter { $0.interest.contains(.writable) && !$0.output.isEmpty }
            #expect(loop.counters.openConnections.current == open.count, sourceLocation: sourceLocation)
            #expect(phases(loop).values.reduce(0, +) == open.count, sourceLocation: sourceLocation)
            for phase in CountedPhase.allCases {
                let there = open.count { $0.countedPhase == phase }
                let counted = loop.counters.connectionsByPhase.current(phase)
                #expect(counted == there, "\(phase)", sourceLocation: sourceLocation)
            }
            #expect(loop.counters.slowReaders.current == slow.count, sourceLocation: sourceLocation)
            let queued = slow.reduce(0) { $0 + $1.output.count }
            #expect(loop.counters.queuedBytes.current == queued, sourceLocation: sourceLocation)
            let held = open.reduce(0) { $0 + $1.heldBytes }
            #expect(loop.counters.bufferedBytes.current == held, sourceLocation: sourceLocation)
            let resting = loops.reduce(0) { $0 + $1.table.all.count } * TransportSettings.bytesPerConnection
            if loops.count == loop.group.count {
                #expect(loop.group.ledger.restingTotal == resting, sourceLocation: sourceLocation)
            }
        }
    }

    private static func expectNothing(_ loops: [ScriptedLoop], sourceLocation: SourceLocation = #_sourceLocation) {
        for loop in loops {
            #expect(loop.counters.openConnections.current == 0, sourceLocation: sourceLocation)
            #expect(phases(loop).isEmpty, sourceLocation: sourceLocation)
            #expect(loop.counters.slowReaders.current == 0, sourceLocation: sourceLocation)
            #expect(loop.counters.queuedBytes.current == 0, sourceLocation: sourceLocation)
            #expect(loop.counters.bufferedBytes.current == 0, sourceLocation: sourceLocation)
        }
    }

    @Test("a connection is counted as what it is, from its first request to its end")
    func phases() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = stepped.open()
        #expect(Self.phases(stepped.loop) == [.http: 1])
        stepped.handler.looksUp = true
        #expect(SocketResult.write(Self.request, to: client.far) == .wrote(Self.request.count))
        stepped.turn()
        #expect(Self.phases(stepped.loop) == [.parked: 1])
        stepped.loop.resumeParked(connection, with: nil)
        #expect(Self.phases(stepped.loop) == [.http: 1])
        stepped.handler.looksUp = false
        stepped.handler.upgrades = true
        #expect(SocketResult.write(Self.upgrade, to: client.far) == .wrote(Self.upgrade.count))
        stepped.turn()
        #expect(Self.phases(stepped.loop) == [.webSocket: 1])
        let close = Self.frame(.close, "")
        #expect(SocketResult.write(close, to: client.far) == .wrote(close.count))
        stepped.turn()
        #expect(Self.phases(stepped.loop) == [.closing: 1])
        client.closeFar()
        stepped.turn()
        Self.expectNothing([stepped.loop])
    }

    @Test("a reader is slow from when its kernel takes no more until all has gone")
    func slowReader() throws {
        let stepped = try SteppedLoop { $0.maxQueuedBytes = 0 }
        let (connection, client) = stepped.open(isWebSocket: true)
        let bytes = [UInt8](repeating: 0, count: 4 << 20)
        stepped.loop.writer.queueOpaque(bytes, to: connection)
        stepped.turn()
        #expect(stepped.loop.counters.slowReaders.current == 1)
        #expect(stepped.loop.counters.queuedBytes.current == connection.output.count)
        let left = connection.output.count
        #expect((1..<bytes.count).contains(left))

        let before = connection.output.count
        stepped.loop.writer.queueOpaque([1, 2, 3], to: connection)
        stepped.turn()
        #expect(stepped.loop.counters.queuedBytes.current == before + 3)
        #expect(stepped.loop.counters.slowReaders.current == 1)
        for _ in 0..<10_000 where stepped.loop.counters.queuedBytes.current > 0 {
            guard case .read = SocketResult.read(client.far, upTo: 1 << 20) else { break }
            stepped.turn()
            Self.expectExact([stepped.loop])
        }
        #expect(stepped.loop.counters.slowReaders.current == 0)
        let isDone = connection.output.isEmpty
        #expect(isDone)
    }

    @Test("what a loop can flush at once never shows as waiting")
    func fastReader() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = stepped.open(isWebSocket: true)
        stepped.loop.writer.queueOpaque([1, 2, 3], to: connection)
        #expect(stepped.loop.counters.queuedBytes.current == 0)
        stepped.turn()
        #expect(SocketResult.read(client.far) == .read([1, 2, 3]))
        Self.expectExact([stepped.loop])
    }

    @Test("a slow reader that changes loops is counted where it is")
    func migration() throws {
        let group = try LoopGroup<ScriptedHandler>(loops: 2)
        let from = try SteppedLoop(index: 0, of: group) { $0.maxQueuedBytes = 0 }
        let to = try SteppedLoop(index: 1, of: group) { $0.maxQueuedBytes = 0 }
        let (connection, client) = from.open(isWebSocket: true)
        from.loop.writer.queueOpaque([UInt8](repeating: 0, count: 4 << 20), to: connection)
        from.turn()
        let waiting = connection.output.count
        #expect(from.loop.counters.queuedBytes.current == waiting)
        from.handler.messageMoves = { _ in 1 }
        let message = Self.frame(.text, "go")
        #expect(SocketResult.write(message, to: client.far) == .wrote(message.count))
        from.turn()
        Self.expectNothing([from.loop])
        to.turn()
        #expect(to.loop.counters.queuedBytes.current == waiting)
        #expect(to.loop.counters.slowReaders.current == 1)
        #expect(Self.phases(to.loop) == [.webSocket: 1])
        client.closeFar()
        to.turn()
        Self.expectNothing([from.loop, to.loop])
    }

    @Test(
        "whatever happens to connections in whatever order, the gauges show what is there, and in the end nothing",
        arguments: 1...8 as ClosedRange<UInt64>)
    func random(seed: UInt64) throws {
        var dice = SeededGenerator(seed: seed)
        let group = try LoopGroup<ScriptedHandler>(loops: 2)
        let stepped = try (0..<2).map { index in
            try SteppedLoop(index: index, of: group) { $0.maxQueuedBytes = 512 << 10 }
        }
        let loops = stepped.map(\.loop)
        var clients: [Client] = []
        for _ in 0..<400 {
            let one = stepped[dice.roll(2)]
            one.handler.looksUp = dice.roll(3) == 0
            one.handler.upgrades = dice.roll(2) == 0
            one.handler.bodyBytes = dice.roll(4) == 0 ? 300 << 10 : 10
            one.handler.framesPerMessage = dice.roll(3) == 0 ? 2_000 : 1
            let target = dice.roll(4) == 0 ? 1 - one.loop.index : nil
            one.handler.messageMoves = { _ in target }
            if clients.count < 12, dice.roll(3) == 0 { clients.append(one.open(isWebSocket: dice.roll(2) == 0)) }
            if !clients.isEmpty { Self.act(on: clients[dice.roll(clients.count)], &dice, loops) }
            clients.removeAll { $0.connection.phase == .closed }
            for one in stepped { one.turn() }
            Self.expectExact(loops)
        }
        for (_, client) in clients { client.closeFar() }
        // One turn to take a connection from the other loop, one to find that it has ended, one for what that makes.
        for _ in 0..<4 { for one in stepped { one.turn() } }
        for loop in loops {
            for connection in loop.table.all { loop.closeLater(connection, .abort) }
            loop.processExits()
        }
        for loop in loops {
            // Free blocks go once nobody has needed them for a while.
            for _ in 0..<2 { loop.trim() }
        }
        Self.expectNothing(loops)
        #expect(group.ledger.total == 0)
    }

    /// Something that a client does, or the loop with it.
    private static func act(on client: Client, _ dice: inout SeededGenerator, _ loops: [ScriptedLoop]) {
        let connection = client.connection
        switch dice.roll(10) {
        case 0, 1: _ = SocketResult.write(request, to: client.client.far)
        case 2: _ = SocketResult.write(upgrade, to: client.client.far)
        case 3, 4, 5: _ = SocketResult.write(frame(.text, "hello"), to: client.client.far)
        case 6: _ = SocketResult.write(frame(.close, ""), to: client.client.far)
        case 7: client.client.closeFar()
        case 8:
            for _ in 0..<20 { _ = SocketResult.read(client.client.far, upTo: 1 << 20) }
        default:
            guard let loop = loops.first(where: { $0.table[connection.key] === connection }) else { return }
            if connection.reading == .parked { return loop.resumeParked(connection, with: nil) }
            loop.writer.queueOpaque([UInt8](repeating: 0x20, count: 400 << 10), to: connection)
        }
    }
}
