import RelayWire
import TestSupport
import Testing

@testable import RelayEngine

@Suite("What a turn sends, one by one and in batches")
struct SendingTests {
    private typealias Client = (connection: ScriptedConnection, client: SocketPair)

    /// More than two batches.
    private static let crowd = 2 * SocketRing.capacity + 44

    private static func frame(_ payload: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = []
        FrameWriter.append(.binary, payload: payload.span, to: &frame)
        return frame
    }

    private static func send(_ frame: [UInt8], to connection: ScriptedConnection, of stepped: SteppedLoop) {
        unsafe frame.withUnsafeBytes { unsafe stepped.loop.send($0, to: connection) }
    }

    private static func readAll(_ client: SocketPair) -> [UInt8] {
        var bytes: [UInt8] = []
        while case .read(let more) = SocketResult.read(client.far, upTo: 65_536) { bytes += more }
        return bytes
    }

    @Test("everybody of a crowd gets its own, whatever the number of calls", arguments: IOUringMode.tested)
    func crowd(ioUring: IOUringMode) throws {
        let stepped = try SteppedLoop(ioUring: ioUring)
        let clients = (0..<Self.crowd).map { _ in stepped.open(isWebSocket: true) }
        for (index, (connection, _)) in clients.enumerated() {
            Self.send(Self.frame([UInt8(truncatingIfNeeded: index), UInt8(index >> 8)]), to: connection, of: stepped)
        }
        stepped.turn()
        for (index, (_, client)) in clients.enumerated() {
            #expect(Self.readAll(client) == Self.frame([UInt8(truncatingIfNeeded: index), UInt8(index >> 8)]))
        }
        #expect(stepped.loop.counters.sends.current == Self.crowd)
        #expect(stepped.loop.counters.sendBatches.current == (ioUring == .off ? 0 : 3))
    }

    @Test(
        "a batch is made only for as many as make it worth its call", .enabled(if: IOUringMode.tested.contains(.on)),
        arguments: [(5, 0), (6, 1), (7, 1)])
    func fewest(connections: Int, batches: Int) throws {
        let stepped = try SteppedLoop(ioUring: .on) { $0.fewestCallsPerBatch = TransportSettings().fewestCallsPerBatch }
        let clients = (0..<connections).map { _ in stepped.open(isWebSocket: true) }
        for (connection, _) in clients { Self.send(Self.frame([1]), to: connection, of: stepped) }
        stepped.turn()
        for (_, client) in clients { #expect(Self.readAll(client) == Self.frame([1])) }
        #expect(stepped.loop.counters.sends.current == connections)
        #expect(stepped.loop.counters.sendBatches.current == batches)
    }

    @Test(
        "who was in a batch that the kernel took in part gets its bytes once, like all others",
        .enabled(if: IOUringMode.tested.contains(.on)), arguments: [0, 1, 100, SocketRing.capacity - 1])
    func cutShort(place: Int) throws {
        let stepped = try SteppedLoop(ioUring: .on)
        let clients = (0..<Self.crowd).map { _ in stepped.open(isWebSocket: true) }
        stepped.ringFault?.stop(before: place)
        for round in 0..<2 as Range<UInt8> {
            for (connection, _) in clients { Self.send(Self.frame([round]), to: connection, of: stepped) }
            stepped.turn()
            for (_, client) in clients { #expect(Self.readAll(client) == Self.frame([round])) }
        }
        #expect(stepped.loop.counters.ring.current == 0)
        #expect(stepped.loop.counters.sends.current == 2 * Self.crowd)
    }

    @Test(
        "a ring that fails in the middle of the game costs nobody a byte, and is not tried again",
        .enabled(if: IOUringMode.tested.contains(.on)))
    func failingRing() throws {
        let stepped = try SteppedLoop(ioUring: .on)
        let clients = (0..<Self.crowd).map { _ in stepped.open(isWebSocket: true) }
        for round in 0..<3 as Range<UInt8> {
            for (connection, _) in clients { Self.send(Self.frame([round]), to: connection, of: stepped) }
            if round == 1 { try stepped.ringFault?.breakDown() }
            stepped.turn()
            for (_, client) in clients { #expect(Self.readAll(client) == Self.frame([round])) }
            #expect(stepped.loop.counters.ring.current == (round > 0 ? 0 : 1))
        }
        #expect(stepped.loop.counters.sendBatches.current == 3)
        #expect(stepped.loop.counters.sends.current == 3 * Self.crowd)
    }

    @Test(
        "nothing is offered to a reader that takes nothing for now", .enabled(if: IOUringMode.tested.contains(.on)))
    func fullReader() throws {
        let stepped = try SteppedLoop(ioUring: .on) { $0.maxQueuedBytes = 0 }
        let (connection, client) = stepped.open(isWebSocket: true)
        stepped.loop.writer.queueOpaque([UInt8](repeating: 0, count: 1 << 20), to: connection)
        stepped.turn()
        #expect(stepped.loop.counters.slowReaders.current == 1)
        Self.send(Self.frame([1]), to: connection, of: stepped)
        stepped.turn()
        #expect(stepped.loop.counters.sendBatches.current == 1)
        #expect(stepped.loop.counters.queuedBytes.current == connection.output.count)
        withExtendedLifetime(client) {}
    }

    @Test("last words reach everybody before the end", arguments: IOUringMode.tested)
    func lastWords(ioUring: IOUringMode) throws {
        let stepped = try SteppedLoop(ioUring: ioUring)
        let clients = (0..<Self.crowd).map { _ in stepped.open(isWebSocket: true) }
        for (connection, _) in clients {
            Self.send(Self.frame([1]), to: connection, of: stepped)
            stepped.loop.close(connection, .roomClosed, reason: "room closed")
        }
        stepped.turn()
        for (connection, client) in clients {
            #expect(connection.phase == .closing)
            #expect(Self.readAll(client) == Self.frame([1]) + [0x88, 0x0D, 0x0F, 0xA1] + Array("room closed".utf8))
            #expect(client.nearHasEnded)
        }
    }

    @Test("what a crowd is answered takes no more memory than a batch of it", arguments: IOUringMode.tested)
    func answersToCrowd(ioUring: IOUringMode) throws {
        let stepped = try SteppedLoop(ioUring: ioUring)
        stepped.handler.framesPerMessage = 1
        let clients = (0..<Self.crowd).map { _ in stepped.open(isWebSocket: true) }
        var message: [UInt8] = []
        FrameWriter.append(.text, payload: Span(), maskingKey: 7, to: &message)
        for (_, client) in clients { #expect(SocketResult.write(message, to: client.far) == .wrote(message.count)) }
        stepped.turn()
        for (_, client) in clients { #expect(Self.readAll(client) == [0x81, 0x00]) }
        let kept = stepped.loop.writer.keptBytes
        #expect(kept == TransportSettings.dirtyPerFlush * BufferPool.smallestBlock)
    }

    @Test("what is much for one turn leaves before its end", arguments: IOUringMode.tested)
    func midTurn(ioUring: IOUringMode) throws {
        let stepped = try SteppedLoop(ioUring: ioUring) { $0.maxQueuedBytes = 0 }
        let clients = (0..<8).map { _ in stepped.open(isWebSocket: true) }
        let frame = Self.frame([UInt8](repeating: 5, count: 30_000))
        var sent = 0
        while stepped.loop.counters.sends.current == 0, sent < 1_000 {
            for (connection, _) in clients { Self.send(frame, to: connection, of: stepped) }
            sent += 1
        }
        #expect(8 * sent * frame.count >= TransportSettings.unflushedBytesPerTurn)
        for (_, client) in clients {
            var received: [UInt8] = []
            var turns = 0
            while received.count < sent * frame.count, turns < 1_000 {
                stepped.turn()
                received += Self.readAll(client)
                turns += 1
            }
            #expect((received == Array(repeating: frame, count: sent).flatMap { $0 }) as Bool)
        }
    }

    /// What a game came to, for clients and for operators.
    private struct Record: Hashable {
        var received: [[UInt8]] = []
        var phases: [String] = []
        var counts: [Int] = []
        var slowest = 0
        var strikes = 0
    }

    /// Readers fast, slow and gone, frames of all lengths, and closes, as the dice have it.
    private static func play(_ seed: UInt64, _ ioUring: IOUringMode) throws -> Record {
        var dice = SeededGenerator(seed: seed)
        let stepped = try SteppedLoop(ioUring: ioUring) {
            $0.maxQueuedBytes = 300_000
            // The choice of those that must go is by the clock too.
            $0.maxBufferedBytes = 0
            // A ping comes by the clock.
            $0.idleTimeout = 0
        }
        let clients = (0..<(SocketRing.capacity + 40)).map { _ in stepped.open(isWebSocket: true) }
        var record = Record(received: clients.map { _ in [] })
        for _ in 0..<30 {
            for (index, (connection, client)) in clients.enumerated() {
                // Some are sent much, and hardly ever read.
                let isSlow = index % 8 == 0
                let payload = [UInt8](repeating: UInt8(dice.roll(256)), count: dice.roll(isSlow ? 80_000 : 300))
                switch dice.roll(100) {
                case 0 where client.far >= 0:
                    // A reset for what is unread could come later, if another test forks at this moment.
                    record.received[index] += readAll(client)
                    client.closeFar()
                case 1: stepped.loop.close(connection, .normal, reason: "")
                case 2..<50: send(frame(payload), to: connection, of: stepped)
                default: break
                }
                guard dice.roll(isSlow ? 30 : 2) == 0, client.far >= 0 else { continue }
                record.received[index] += readAll(client)
            }
            stepped.turn()
            // How long the game takes is no part of it.
            for (connection, _) in clients { connection.times.deadline = .max }
            let counters = stepped.loop.counters
            record.counts += [
                counters.sends.current, counters.bytesSent.current, counters.queuedBytes.current,
                counters.slowReaders.current, counters.bufferedBytes.current, counters.openConnections.current,
                counters.limitsExceeded.current(.queuedBytes), counters.limitsExceeded.current(.bufferedBytes),
            ]
            record.slowest = max(record.slowest, counters.slowReaders.current)
            record.strikes = counters.limitsExceeded.current(.queuedBytes)
            record.phases.append(clients.map { "\($0.connection.phase)".prefix(1) }.joined())
        }
        for (index, (_, client)) in clients.enumerated() where client.far >= 0 {
            record.received[index] += readAll(client)
        }
        return record
    }

    @Test(
        "a game with slow, lost and closing clients comes to the same with and without batches",
        .enabled(if: IOUringMode.tested.contains(.on)), arguments: 1...6 as ClosedRange<UInt64>)
    func agrees(seed: UInt64) throws {
        let plain = try Self.play(seed, .off)
        let batched = try Self.play(seed, .on)
        #expect((plain.counts == batched.counts) as Bool)
        #expect((plain.phases == batched.phases) as Bool)
        #expect((plain.received == batched.received) as Bool)
        // Else nothing of interest has happened.
        #expect(plain.slowest > 0 && plain.strikes > 0)
    }
}
