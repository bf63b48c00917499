import Glibc
import RelayWire
import TestSupport
import Testing

@testable import RelayEngine

@Suite("What clients have sent before their room leaves")
struct DrainingInputTests {
    /// The states from which a connection may be drained.
    enum Before: CaseIterable {
        case open, held, throttled, deferred
    }

    /// A connection in this state, of which two messages have been handled, and that has sent these messages more.
    private static func connection(
        _ before: Before, of stepped: SteppedLoop, sends texts: [String]
    ) -> (connection: ScriptedConnection, client: SocketPair) {
        let (connection, client) = stepped.open(isWebSocket: true)
        ClientFrames.write(ClientFrames.frames(["1", "2"] + (before == .throttled ? texts : [])), by: client)
        stepped.turn()
        switch before {
        case .open, .throttled: break
        case .held: stepped.loop.pauseReading(connection)
        case .deferred: stepped.loop.deferRest(of: connection)
        }
        if before != .throttled { ClientFrames.write(ClientFrames.frames(texts), by: client) }
        return (connection, client)
    }

    @Test(
        "all of it is handled at once, and the connection is in the state in which it was", arguments: Before.allCases)
    func drains(before: Before) throws {
        let stepped = try SteppedLoop { $0.messagesPerSecond = before == .throttled ? 1 : 0 }
        let texts = (0..<300).map { "\($0)" } + [String(repeating: "x", count: 100_000), ""]
        let (connection, client) = Self.connection(before, of: stepped, sends: texts)
        let state = connection.reading
        #expect("\(state)" == "\(before)")
        #expect(stepped.handler.messages.count == 2)
        let isDrained = stepped.loop.drainInput(of: connection)
        #expect(isDrained)
        #expect((stepped.handler.messages == ["1", "2"] + texts) as Bool)
        #expect(connection.reading == state)
        // It holds no memory for what it has not sent.
        #expect(connection.heldBytes == 0 && stepped.loop.counters.bufferedBytes.current == 0)
        let again = stepped.loop.drainInput(of: connection)
        #expect(again && stepped.handler.messages.count == texts.count + 2)
        withExtendedLifetime(client) {}
    }

    @Test("the beginning of a message is kept for when it is read again")
    func unfinished() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = stepped.open(isWebSocket: true)
        stepped.loop.pauseReading(connection)
        let bytes = ClientFrames.frames(["a", "bc"])
        ClientFrames.write(Array(bytes.dropLast()), by: client)
        #expect(stepped.loop.drainInput(of: connection))
        let kept = connection.input.count
        #expect(stepped.handler.messages == ["a"] && kept == ClientFrames.frame("bc").count - 1)
        #expect(stepped.loop.counters.bufferedBytes.current == connection.heldBytes)
        #expect(connection.heldBytes < 2_000)
        ClientFrames.write(Array(bytes.suffix(1)), by: client)
        stepped.loop.resumeReading(connection)
        stepped.turn()
        #expect(stepped.handler.messages == ["a", "bc"])
    }

    @Test("what a batch has read of it comes first, and once", arguments: IOUringMode.tested)
    func batch(ioUring: IOUringMode) throws {
        let stepped = try SteppedLoop(ioUring: ioUring)
        let clients = (0..<8).map { _ in stepped.open(isWebSocket: true) }
        let (drained, sender) = clients[5]
        stepped.handler.onMessage = { text, loop in
            guard text == "0" else { return }
            // Sent after the batch has been read.
            ClientFrames.write(ClientFrames.frame("later"), by: sender)
            #expect(loop.drainInput(of: drained))
        }
        for (index, (_, client)) in clients.enumerated() {
            ClientFrames.write(ClientFrames.frame("\(index)"), by: client)
        }
        for _ in 0..<3 { stepped.turn() }
        #expect(stepped.handler.messages == ["0", "5", "later", "1", "2", "3", "4", "6", "7"])
    }

    @Test("a command may drain, also while a batch has read of the connection", arguments: IOUringMode.tested)
    func command(ioUring: IOUringMode) throws {
        let stepped = try SteppedLoop(ioUring: ioUring)
        let clients = (0..<8).map { _ in stepped.open(isWebSocket: true) }
        stepped.handler.onCommand = { _, loop in
            for (index, (connection, client)) in clients.enumerated() {
                ClientFrames.write(ClientFrames.frame("\(index) later"), by: client)
                #expect(loop.drainInput(of: connection))
            }
        }
        // It is the first that is ready.
        #expect(stepped.loop.group.post("drain", toLoop: 0))
        for (index, (_, client)) in clients.enumerated() {
            ClientFrames.write(ClientFrames.frame("\(index)"), by: client)
        }
        for _ in 0..<3 { stepped.turn() }
        #expect(stepped.handler.messages == clients.indices.flatMap { ["\($0)", "\($0) later"] })
    }

    @Test("more than one call may handle is left for the next", arguments: [true, false])
    func bounds(isHeld: Bool) throws {
        let stepped = try SteppedLoop()
        let (connection, client) = stepped.open(isWebSocket: true)
        if isHeld { stepped.loop.pauseReading(connection) }
        let count = 20_000
        ClientFrames.write((0..<count).flatMap { _ in ClientFrames.frame("") }, by: client)
        let isDrained = stepped.loop.drainInput(of: connection)
        let handled = stepped.handler.messages.count
        #expect(!isDrained && handled > 10_000 && handled < count)
        if isHeld {
            #expect(stepped.loop.drainInput(of: connection))
        } else {
            for _ in 0..<80 { stepped.turn() }
        }
        #expect(stepped.handler.messages.count == count)
        #expect(connection.reading == (isHeld ? .held : .open))
    }

    @Test("what a call has read and left is handled in the next turns, though nothing more comes")
    func left() throws {
        let stepped = try SteppedLoop()
        stepped.handler.framesPerMessage = 1_000
        let (connection, client) = stepped.open(isWebSocket: true)
        ClientFrames.write((0..<20).flatMap { ClientFrames.frame("\($0)") }, by: client)
        #expect(!stepped.loop.drainInput(of: connection))
        for _ in 0..<20 { stepped.turn() }
        #expect(stepped.handler.messages == (0..<20).map { "\($0)" })
        #expect(connection.reading == .open)
    }

    @Test("messages that cause many sends are fewer for each call, and none is handled while too much is held")
    func sends() throws {
        let stepped = try SteppedLoop { $0.maxBufferedBytes = 64 << 20 }
        stepped.handler.framesPerMessage = 1_000
        let (connection, client) = stepped.open(isWebSocket: true)
        stepped.loop.pauseReading(connection)
        ClientFrames.write((0..<20).flatMap { ClientFrames.frame("\($0)") }, by: client)
        #expect(!stepped.loop.drainInput(of: connection))
        let handled = stepped.handler.messages.count
        #expect(handled >= 8 && handled < 20)
        stepped.loop.memory.record(128 << 20)
        #expect(!stepped.loop.drainInput(of: connection))
        #expect(stepped.handler.messages.count == handled)
        stepped.loop.recordMemory()
        while !stepped.loop.drainInput(of: connection) {}
        #expect(stepped.handler.messages == (0..<20).map { "\($0)" })
    }

    @Test("a goodbye and a lost peer end it, behind the messages before", arguments: [true, false], [true, false])
    func ends(saysGoodbye: Bool, isHeld: Bool) throws {
        let stepped = try SteppedLoop()
        let (connection, client) = stepped.open(isWebSocket: true)
        if isHeld { stepped.loop.pauseReading(connection) }
        ClientFrames.write(ClientFrames.frames(["a", "b"]), by: client)
        if saysGoodbye {
            ClientFrames.write([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8] + ClientFrames.frame("behind"), by: client)
        } else {
            client.closeFar()
        }
        #expect(stepped.loop.drainInput(of: connection))
        #expect(stepped.handler.messages == ["a", "b"])
        #expect(connection.reading == .ending && stepped.handler.closed == 0)
        stepped.turn()
        #expect(stepped.handler.closed == 1)
        #expect(connection.phase == (saysGoodbye ? .closing : .closed))
        if saysGoodbye { #expect(SocketResult.read(client.far) == .read([0x88, 0x02, 0x03, 0xE8])) }
    }

    @Test("a message that holds it, or closes it, is the last one handled", arguments: [true, false])
    func stops(closes: Bool) throws {
        let stepped = try SteppedLoop()
        let (connection, client) = stepped.open(isWebSocket: true)
        stepped.handler.onMessage = { text, loop in
            guard text == "b" else { return }
            if closes { loop.close(connection, .normal, reason: "") } else { loop.pauseReading(connection) }
        }
        ClientFrames.write(ClientFrames.frames(["a", "b", "c"]), by: client)
        #expect(stepped.loop.drainInput(of: connection))
        #expect(stepped.handler.messages == ["a", "b"])
        #expect(connection.reading == (closes ? .ending : .held))
        stepped.turn()
        #expect(connection.phase == (closes ? .closing : .webSocket))
    }

    @Test(
        "a message for another loop takes it there, and what is behind is read there", arguments: [true, false])
    func moves(isHeld: Bool) throws {
        let group = try LoopGroup<ScriptedHandler>(loops: 2)
        let (from, to) = (try SteppedLoop(index: 0, of: group), try SteppedLoop(index: 1, of: group))
        from.handler.messageMoves = { $0 == "go" ? 1 : nil }
        let (connection, client) = from.open(isWebSocket: true)
        if isHeld { from.loop.pauseReading(connection) }
        ClientFrames.write(ClientFrames.frames(["a", "go", "b"]), by: client)
        #expect(from.loop.drainInput(of: connection))
        from.turn()
        to.turn()
        #expect(from.handler.messages == ["a"] && from.loop.table.count == 0)
        #expect(to.handler.adopted == 1 && to.handler.messages == ["b"])
        ClientFrames.write(ClientFrames.frame("c"), by: client)
        to.turn()
        #expect(to.handler.messages == ["b", "c"])
    }
}
