import RelayWire
import Testing

@testable import RelayEngine

@Suite("What a loop has to send")
struct WriterTests {
    private typealias ScriptedWriter = Writer<ScriptedHandler>

    private static func frame(_ payload: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = []
        FrameWriter.append(.binary, payload: payload.span, to: &frame)
        return frame
    }

    private static func connections(_ count: Int) -> [ScriptedConnection] {
        (0..<count).map { ScriptedConnection.unconnected(Int32($0)) }
    }

    private static func writer() -> ScriptedWriter {
        ScriptedWriter(ring: nil, fewestCallsPerBatch: 1)
    }

    private static func unsent(_ connection: ScriptedConnection) -> [UInt8] {
        unsafe Array(connection.output.unsent)
    }

    /// The next of the flush, by number.
    private static func next(_ writer: inout ScriptedWriter) -> Int32? {
        unsafe writer.takeDirty()?.takeUnretainedValue().descriptor
    }

    // MARK: Flushes

    @Test("each connection is flushed once, in the order of its first output, however much it was sent")
    func once() {
        let connections = Self.connections(3)
        var writer = Self.writer()
        for number in [2, 0, 2, 2, 0] { _ = writer.queue([UInt8(number)], to: connections[number]) }
        writer.queueOpaque([9], to: connections[2])
        let flushed = [Self.next(&writer), Self.next(&writer), Self.next(&writer)]
        #expect(flushed == [2, 0, nil])
        #expect(connections.map(Self.unsent) == [[0, 0], [], [2, 2, 2, 9]])
        writer.endFlush()
        withExtendedLifetime(connections) {}
    }

    @Test("what is sent during a flush is part of it, also to one that has had its turn")
    func duringFlush() {
        let connections = Self.connections(2)
        var writer = Self.writer()
        for connection in connections { writer.markDirty(connection) }
        let first = Self.next(&writer)
        writer.markDirty(connections[0])
        writer.markDirty(connections[1])
        let hasMore = writer.hasDirty
        let rest = [Self.next(&writer), Self.next(&writer), Self.next(&writer)]
        let hasNone = !writer.hasDirty
        #expect(first == 0 && hasMore)
        #expect(rest == [1, 0, nil] && hasNone)
        writer.endFlush()
        writer.markDirty(connections[0])
        let later = [Self.next(&writer), Self.next(&writer)]
        #expect(later == [0, nil])
        withExtendedLifetime(connections) {}
    }

    @Test(
        "so many connections with output are a crowd after some steps, until their flush has ended",
        arguments: [(0, 32, false), (127, 40, false), (128, 31, false), (128, 32, true), (129, 40, true)])
    func crowd(count: Int, steps: Int, isCrowded: Bool) {
        let connections = Self.connections(count)
        var writer = Self.writer()
        // To mark one twice does not make it two.
        for connection in connections + connections { writer.markDirty(connection) }
        for _ in 1..<steps { _ = writer.stepEnded() }
        let before = writer.stepEnded()
        #expect(before == isCrowded)
        while Self.next(&writer) != nil {}
        writer.endFlush()
        for connection in connections { writer.markDirty(connection) }
        let after = writer.stepEnded()
        #expect(!after)
        while Self.next(&writer) != nil {}
        withExtendedLifetime(connections) {}
    }

    @Test("without a ring nothing goes in batches, whatever the crowd")
    func noRing() {
        let connections = Self.connections(200)
        var writer = Self.writer()
        for connection in connections { writer.markDirty(connection) }
        let sendsInBatches = writer.sendsInBatches
        #expect(!sendsInBatches)
        withExtendedLifetime(connections) {}
    }

    // MARK: Bounds

    /// Ways to put bytes into an output.
    private enum Way {
        case frames
        case opaque
        case shared
    }

    @Test(
        "a flush should not wait once more than so much is queued since the last one, all connections together",
        arguments: [
            (.frames, 0, false), (.frames, -1, false), (.frames, 1, true), (.opaque, 0, false), (.opaque, 1, true),
            // Shared frames are counted from the beginning.
            (.shared, 1, false),
        ] as [(Way, Int, Bool)])
    private func bound(way: Way, beyond: Int, isMuch: Bool) {
        let connections = Self.connections(2)
        var writer = Self.writer()
        let before = [UInt8](repeating: 0, count: TransportSettings.unflushedBytesPerTurn + beyond - 1)
        for _ in 0..<2 {
            switch way {
            case .frames: _ = writer.queue(before, to: connections[0])
            case .opaque: writer.queueOpaque(before, to: connections[0])
            case .shared: writer.queue(SharedFrame.of(before), sent: 0, to: connections[0], fullBytes: .max)
            }
            let last = writer.queue([1], to: connections[1])
            #expect(last == isMuch)
            // It begins anew with each flush.
            while Self.next(&writer) != nil {}
            writer.endFlush()
            for connection in connections { writer.releaseOutput(of: connection) }
        }
    }

    // MARK: Outputs

    @Test("the kernel's share goes from the front, and the last of it gives the memory back")
    func sent() {
        let connection = ScriptedConnection.unconnected(1)
        var writer = Self.writer()
        _ = writer.queue([1, 2, 3, 4], to: connection)
        writer.sent(0, of: connection)
        #expect(Self.unsent(connection) == [1, 2, 3, 4])
        writer.sent(3, of: connection)
        #expect(Self.unsent(connection) == [4])
        let keptBefore = writer.keptBytes
        writer.sent(1, of: connection)
        let kept = writer.keptBytes
        #expect(keptBefore == 0)
        #expect(kept == BufferPool.smallestBlock)
        #expect(Self.unsent(connection).isEmpty)
    }

    @Test(
        "a reader that is too slow gets the frame that it has begun, and then the reason", arguments: [0, 1, 5, 6, 7])
    func tooSlow(sent: Int) {
        let connection = ScriptedConnection.unconnected(1)
        var writer = Self.writer()
        // Of six bytes each.
        let frames = [1, 2, 3].map { Self.frame([$0, $0, $0, $0]) }
        for frame in frames { _ = writer.queue(frame, to: connection) }
        writer.sent(sent, of: connection)
        writer.dropUnsentFrames(of: connection)
        writer.queueClose(.tooSlow, reason: "too slow", to: connection)
        let begun = (sent + 5) / 6 * 6
        let close = [0x88, 0x0A, 0x0F, 0xA8] + Array("too slow".utf8)
        #expect(Self.unsent(connection) == Array(frames.flatMap(\.self)[sent..<begun]) + close)
    }

    @Test("a large frame that has begun is never cut, and frames that follow it are", arguments: [0, 1, 4])
    func largeFrame(sent: Int) {
        let connection = ScriptedConnection.unconnected(1)
        var writer = Self.writer()
        let (first, second) = (Self.frame([1, 1, 1]), Self.frame([2, 2]))
        writer.queue(SharedFrame.of(first), sent: sent, to: connection, fullBytes: .max)
        _ = writer.queue(second, to: connection)
        #expect(Self.unsent(connection) == Array(first[sent...]))
        writer.dropUnsentFrames(of: connection)
        #expect(Self.unsent(connection) == (sent > 0 ? Array(first[sent...]) : []))
    }

    @Test("a receiver with much queued is told of once", arguments: [(99, false), (100, false), (101, true)])
    func fullReceiver(queued: Int, isFull: Bool) {
        let connection = ScriptedConnection.unconnected(1)
        var writer = Self.writer()
        writer.queue(SharedFrame.of([UInt8](repeating: 0, count: queued)), sent: 0, to: connection, fullBytes: 100)
        let (first, second) = (writer.takeFullReceiver(), writer.takeFullReceiver())
        #expect(first == isFull)
        #expect(!second)
        writer.releaseOutput(of: connection)
    }

    @Test("bulk output is served one connection after the other, each once, while the turn has a share left")
    func bulk() {
        let connections = Self.connections(3)
        var writer = Self.writer()
        for number in [1, 0, 1, 2] { writer.markBulk(connections[number]) }
        let order = [
            writer.takeBulk()?.descriptor, writer.takeBulk()?.descriptor, writer.takeBulk()?.descriptor,
            writer.takeBulk()?.descriptor,
        ]
        #expect(order == [1, 0, 2, nil])
        let share = TransportSettings.bulkBytesPerTurn
        writer.bulkSent(share - TransportSettings.fewestBytesPerBulkSend)
        let hasSome = writer.hasBulkBudget
        // A send that the kernel refuses costs something too.
        writer.bulkSent(0)
        let hasNone = !writer.hasBulkBudget
        writer.beginTurn()
        let hasNew = writer.hasBulkBudget
        #expect(hasSome && hasNone && hasNew)
    }
}

extension SharedFrame {
    static func of(_ bytes: [UInt8]) -> SharedFrame {
        unsafe bytes.withUnsafeBytes { unsafe SharedFrame(copying: $0, countedIn: TransportCounters()) }
    }
}

extension Writer {
    fileprivate mutating func queue(_ frames: [UInt8], to connection: Connection<Handler>) -> Bool {
        unsafe frames.withUnsafeBytes { unsafe queue($0, to: connection) }
    }
}
