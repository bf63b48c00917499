import RelayWire
import TestSupport
import Testing

@testable import RelayEngine

@Suite("What a turn reads, one by one and in batches")
struct ReceivingTests {
    private typealias Client = (connection: ScriptedConnection, client: SocketPair)

    /// More than a few batches.
    private static let crowd = 4 * ReceiveBatch.places + 10

    private static func frame(_ text: String) -> [UInt8] {
        var frame: [UInt8] = []
        FrameWriter.append(.text, payload: Array(text.utf8).span, maskingKey: 0x0102_0304, to: &frame)
        return frame
    }

    private static func write(_ bytes: [UInt8], by client: SocketPair) {
        #expect(SocketResult.write(bytes, to: client.far) == .wrote(bytes.count))
    }

    private static func open(_ count: Int, of stepped: SteppedLoop) -> [Client] {
        (0..<count).map { _ in stepped.open(isWebSocket: true) }
    }

    @Test("everybody of a crowd is heard once, whatever the number of calls", arguments: IOUringMode.tested)
    func crowd(ioUring: IOUringMode) throws {
        let stepped = try SteppedLoop(ioUring: ioUring)
        let clients = Self.open(Self.crowd, of: stepped)
        for (index, (_, client)) in clients.enumerated() { Self.write(Self.frame("\(index)"), by: client) }
        stepped.turn()
        #expect(stepped.handler.messages == clients.indices.map { "\($0)" })
        let counters = stepped.loop.counters
        #expect(counters.bytesReceived.current == clients.indices.reduce(0) { $0 + Self.frame("\($1)").count })
        #expect(counters.receiveBatches.current == (ioUring == .off ? 0 : 5))
    }

    @Test(
        "a batch is made only for as many as make it worth its call", .enabled(if: IOUringMode.tested.contains(.on)),
        arguments: [(5, 0), (6, 1), (7, 1)])
    func fewest(webSockets: Int, batches: Int) throws {
        let stepped = try SteppedLoop(ioUring: .on) {
            $0.fewestCallsPerBatch = TransportSettings().fewestCallsPerBatch
        }
        let others = (0..<4).map { _ in stepped.open() }
        let clients = Self.open(webSockets, of: stepped)
        for (_, client) in others { Self.write(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), by: client) }
        for (_, client) in clients { Self.write(Self.frame("a"), by: client) }
        stepped.turn()
        #expect(stepped.handler.messages.count == webSockets)
        #expect(stepped.handler.requests.count == others.count)
        #expect(stepped.loop.counters.receiveBatches.current == batches)
    }

    @Test(
        "a message that is arriving holds no more memory than it takes",
        arguments: [70_000, (1 << 20), (1 << 20) + 100, 2 << 20], [nil, 1 << 20, 2 << 20])
    func memory(length: Int, kept: Int?) throws {
        let stepped = try SteppedLoop()
        if let kept {
            let block = unsafe LargeBlock.take(kept)
            unsafe LargeBlock.giveBack(block.memory, capacity: block.capacity)
        }
        let (connection, client) = stepped.open(isWebSocket: true)
        let text = String(repeating: "a", count: length)
        let frame = Self.frame(text)
        for start in stride(from: 0, to: frame.count, by: 30_000) {
            Self.write(Array(frame[start..<min(start + 30_000, frame.count)]), by: client)
            stepped.turn()
            // Of a block that is kept at most half is of no use.
            #expect(connection.inputCapacity <= (kept == nil ? 1 : 2) * (frame.count + 64))
        }
        // A turn reads no more than there was space for.
        for _ in 0..<4 { stepped.turn() }
        let isWhole = stepped.handler.messages == [text]
        #expect(isWhole)
    }

    @Test("messages in pieces and messages longer than what is read ahead arrive whole", arguments: IOUringMode.tested)
    func pieces(ioUring: IOUringMode) throws {
        let stepped = try SteppedLoop(ioUring: ioUring)
        let clients = Self.open(8, of: stepped)
        let texts = clients.indices.map { String(repeating: "\($0)", count: $0 * 1_000) }
        for piece in 0..<3 {
            for ((_, client), text) in zip(clients, texts) {
                let bytes = Self.frame(text)
                Self.write(Array(bytes[piece * bytes.count / 3..<(piece + 1) * bytes.count / 3]), by: client)
            }
            for _ in 0..<3 { stepped.turn() }
        }
        #expect((stepped.handler.messages.sorted() == texts.sorted()) as Bool)
    }

    @Test("who sends much is read by itself until it does no more", .enabled(if: IOUringMode.tested.contains(.on)))
    func sendsMuch() throws {
        let stepped = try SteppedLoop(ioUring: .on)
        let (_, client) = stepped.open(isWebSocket: true)
        let counters = stepped.loop.counters
        // Read ahead as far as that goes, then by itself.
        Self.write(Self.frame(String(repeating: "a", count: 6_000)), by: client)
        for _ in 0..<3 { stepped.turn() }
        #expect(counters.receiveBatches.current == 1)
        Self.write(Self.frame("b"), by: client)
        stepped.turn()
        #expect(counters.receiveBatches.current == 1)
        Self.write(Self.frame("c"), by: client)
        stepped.turn()
        #expect(counters.receiveBatches.current == 2)
        #expect(stepped.handler.messages.map(\.count) == [6_000, 1, 1])
    }

    @Test("of a connection that another one's message ends nothing more is heard", arguments: IOUringMode.tested)
    func endedByAnother(ioUring: IOUringMode) throws {
        let stepped = try SteppedLoop(ioUring: ioUring)
        let clients = Self.open(8, of: stepped)
        stepped.handler.onMessage = { text, loop in
            guard text == "0" else { return }
            loop.close(clients[5].connection, .roomClosed, reason: "over")
        }
        for (index, (_, client)) in clients.enumerated() { Self.write(Self.frame("\(index)"), by: client) }
        stepped.turn()
        #expect(stepped.handler.messages == ["0", "1", "2", "3", "4", "6", "7"])
        #expect(clients[5].connection.phase == .closing)
        #expect(SocketResult.read(clients[5].client.far) == .read([0x88, 0x06, 0x0F, 0xA1] + Array("over".utf8)))
        clients[5].client.closeFar()
        stepped.turn()
        #expect(clients[5].connection.phase == .closed)
    }

    @Test(
        "a ring that fails, or that the kernel cuts short, costs nobody a message",
        .enabled(if: IOUringMode.tested.contains(.on)), arguments: [nil, 0, 1, 7] as [Int?])
    func failingRing(stopsBefore place: Int?) throws {
        let stepped = try SteppedLoop(ioUring: .on)
        let clients = Self.open(8, of: stepped)
        if let place { stepped.ringFault?.stop(before: place) } else { try stepped.ringFault?.breakDown() }
        for round in 0..<2 {
            for (index, (_, client)) in clients.enumerated() { Self.write(Self.frame("\(round)\(index)"), by: client) }
            stepped.turn()
        }
        #expect(stepped.handler.messages == (0..<2).flatMap { round in clients.indices.map { "\(round)\($0)" } })
        #expect(stepped.loop.counters.ring.current == 0)
    }

    /// Clients that send frames of all lengths, in pieces of all lengths, and some of which hang up.
    ///
    /// - Returns: what was heard, and what became of the connections.
    private static func play(_ seed: UInt64, _ ioUring: IOUringMode) throws -> (heard: [String], phases: [String]) {
        var dice = SeededGenerator(seed: seed)
        let stepped = try SteppedLoop(ioUring: ioUring) { $0.idleTimeout = 0 }
        let clients = open(ReceiveBatch.places + 20, of: stepped)
        var unsent = clients.map { _ in [UInt8]() }
        var phases: [String] = []
        for round in 0..<40 {
            for (index, (_, client)) in clients.enumerated() where client.far >= 0 {
                if dice.roll(2) == 0 {
                    let letters = dice.roll(index % 8 == 0 ? 9_000 : 60)
                    unsent[index] += frame("\(index) \(round) " + String(repeating: "x", count: letters))
                }
                let piece = min(unsent[index].count, dice.roll(dice.roll(3) == 0 ? 40 : 12_000))
                guard piece > 0 else { continue }
                write(Array(unsent[index].prefix(piece)), by: client)
                unsent[index].removeFirst(piece)
                if dice.roll(200) == 0 { client.closeFar() }
            }
            stepped.turn()
            phases.append(clients.map { "\($0.connection.phase)".prefix(1) }.joined())
        }
        for _ in 0..<4 { stepped.turn() }
        return (stepped.handler.messages.sorted(), phases)
    }

    @Test(
        "a game of clients that send in pieces, and hang up, is heard the same with and without batches",
        .enabled(if: IOUringMode.tested.contains(.on)), arguments: 1...6 as ClosedRange<UInt64>)
    func agrees(seed: UInt64) throws {
        let plain = try Self.play(seed, .off)
        let batched = try Self.play(seed, .on)
        #expect((plain.heard == batched.heard) as Bool)
        #expect((plain.phases.last == batched.phases.last) as Bool)
        // Else nothing of interest has happened.
        #expect(plain.heard.count > 300 && plain.phases.last?.contains("c") == true)
    }
}
