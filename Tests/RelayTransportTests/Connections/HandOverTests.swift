import Glibc
import RelayWire
import TestSupport
import Testing

@testable import RelayEngine

/// In debug builds a loop that touches a connection which it has given away ends the test.
@Suite("Hand-over of a connection to another loop")
struct HandOverTests {
    private static func request(_ target: String) -> [UInt8] {
        Array("GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    }

    private static func frame(_ text: String) -> [UInt8] {
        var frame: [UInt8] = []
        FrameWriter.append(.text, payload: Array(text.utf8).span, maskingKey: 0x0102_0304, to: &frame)
        return frame
    }

    private static func write(_ bytes: [UInt8], to client: SocketPair) {
        #expect(SocketResult.write(bytes, to: client.far) == .wrote(bytes.count))
    }

    /// Two loops that give their connections to each other.
    private struct Pair {
        let from: SteppedLoop
        let to: SteppedLoop

        init(_ ioUring: IOUringMode = .wanted, _ configure: (inout TransportSettings) -> Void = { _ in }) throws {
            let group = try LoopGroup<ScriptedHandler>(loops: 2)
            from = try SteppedLoop(index: 0, of: group, ioUring: ioUring, configure)
            to = try SteppedLoop(index: 1, of: group, ioUring: ioUring, configure)
        }

        func turn() {
            from.turn()
            to.turn()
        }

        func expectEmpty(sourceLocation: SourceLocation = #_sourceLocation) {
            for stepped in [from, to] {
                #expect(stepped.loop.table.count == 0, sourceLocation: sourceLocation)
                #expect(stepped.loop.group.ledger.total == 0, sourceLocation: sourceLocation)
            }
        }
    }

    @Test(
        "a message takes its connection along, with the messages behind it in the same read",
        arguments: IOUringMode.tested, [0, 1, 5])
    func message(ioUring: IOUringMode, before: Int) throws {
        let pair = try Pair(ioUring)
        let (_, client) = pair.from.open(isWebSocket: true)
        pair.from.handler.messageMoves = { $0 == "go" ? 1 : nil }
        let texts = (0..<before).map { "\($0)" }
        Self.write((texts + ["go", "after", "later"]).flatMap { Self.frame($0) }, to: client)
        pair.from.turn()
        #expect(pair.from.handler.messages == texts)
        #expect(pair.from.loop.table.count == 0)
        pair.to.turn()
        #expect(pair.to.handler.messages == ["after", "later"])
        #expect(pair.to.handler.adopted == 1)
        client.closeFar()
        pair.turn()
        pair.expectEmpty()
    }

    @Test("a request takes its connection along, and the one behind it in the same read is answered after it")
    func request() throws {
        let pair = try Pair()
        pair.from.handler.laterRequestsMoveTo = 1
        let (_, client) = pair.from.open()
        Self.write(["/0", "/1", "/2"].flatMap { Self.request($0) }, to: client)
        pair.from.turn()
        pair.to.turn()
        #expect(pair.from.handler.requests == ["/0"])
        #expect(pair.to.handler.requests == ["/1", "/2"])
    }

    @Test(
        "a request behind a parked one takes the connection along when the lookup has ended, or has taken too long",
        arguments: [true, false])
    func behindParked(isAnswered: Bool) throws {
        let pair = try Pair()
        pair.from.handler.looksUp = true
        pair.from.handler.laterRequestsMoveTo = 1
        let (connection, client) = pair.from.open()
        Self.write(Self.request("/parked") + Self.request("/moves"), to: client)
        pair.from.turn()
        #expect(connection.reading == .parked)
        pair.from.loop.resumeParked(connection, with: isAnswered ? "there" : nil)
        pair.turn()
        #expect(pair.from.handler.requests == ["/parked"])
        #expect(pair.to.handler.requests == ["/moves"])
    }

    @Test("a parked request may itself move, and is not read again there")
    func resumed() throws {
        let pair = try Pair()
        pair.from.handler.looksUp = true
        pair.from.handler.resumedRequestsMoveTo = 1
        let (connection, client) = pair.from.open()
        Self.write(Self.request("/a") + Self.request("/b"), to: client)
        pair.from.turn()
        pair.from.loop.resumeParked(connection, with: "there")
        #expect(pair.from.handler.requests.isEmpty)
        pair.turn()
        #expect(pair.to.handler.requests == ["/a", "/b"])
    }

    @Test("a connection that is to move and is closed in the same turn is closed where it is")
    func closedBeforeMove() throws {
        let pair = try Pair()
        let (connection, client) = pair.from.open(isWebSocket: true)
        let (_, other) = pair.from.open(isWebSocket: true)
        pair.from.handler.messageMoves = { $0 == "go" ? 1 : nil }
        pair.from.handler.onMessage = { _, loop in loop.close(connection, .roomClosed, reason: "over") }
        Self.write(Self.frame("go"), to: client)
        Self.write(Self.frame("close it"), to: other)
        pair.from.turn()
        #expect(connection.phase == .closing)
        pair.to.turn()
        #expect(pair.to.loop.table.count == 0 && pair.to.handler.adopted == 0)
        #expect(SocketResult.read(client.far) == .read([0x88, 0x06, 0x0F, 0xA1] + Array("over".utf8)))
    }

    @Test("the silence of a WebSocket is the concern of the loop that has it, and of no other")
    func silence() throws {
        let pair = try Pair()
        let (_, client) = pair.from.open(isWebSocket: true)
        pair.from.handler.messageMoves = { _ in 1 }
        Self.write(Self.frame("go"), to: client)
        pair.turn()
        pair.from.letTimePass(seconds: 60)
        pair.turn()
        #expect(SocketResult.read(client.far) == .wouldBlock)
        pair.to.letTimePass(seconds: TransportSettings().idleTimeout / 2)
        pair.turn()
        #expect(SocketResult.read(client.far) == .read([0x89, 0x00]))
    }

    @Test("a slow reader's output goes with it, in order")
    func output() throws {
        let pair = try Pair { $0.maxQueuedBytes = 0 }
        let (connection, client) = pair.from.open(isWebSocket: true)
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
        pair.from.loop.writer.queueOpaque(bytes, to: connection)
        pair.from.handler.messageMoves = { _ in 1 }
        Self.write(Self.frame("go"), to: client)
        pair.from.turn()
        var received: [UInt8] = []
        for _ in 0..<10_000 where received.count < bytes.count {
            pair.to.turn()
            if case .read(let more) = SocketResult.read(client.far, upTo: 1 << 20) { received += more }
        }
        #expect((received == bytes) as Bool)
    }

    @Test("a connection that comes to a loop which ends is told so")
    func toEndingLoop() throws {
        let pair = try Pair()
        let (_, client) = pair.from.open(isWebSocket: true)
        pair.from.handler.messageMoves = { _ in 1 }
        Self.write(Self.frame("go"), to: client)
        pair.to.loop.beginShutdown(.spread(seconds: 5))
        pair.turn()
        #expect(pair.to.handler.adopted == 0)
        #expect(SocketResult.read(client.far) == .read([0x88, 0x11, 0x03, 0xF4] + Array("service restart".utf8)))
    }

    @Test(
        "a connection that comes to a loop which has ended is closed, and its handler told", arguments: [true, false])
    func toEndedLoop(isPosted: Bool) throws {
        let pair = try Pair()
        let (connection, client) = pair.from.open(isWebSocket: true)
        pair.from.handler.messageMoves = { _ in 1 }
        Self.write(Self.frame("go"), to: client)
        if isPosted { pair.from.turn() }
        pair.to.loop.beginShutdown(.atOnce)
        pair.to.loop.run()
        if !isPosted { pair.from.turn() }
        #expect(connection.phase == .closed)
        #expect(pair.from.handler.closed + pair.to.handler.closed == 1)
        #expect(client.nearHasEnded)
        pair.expectEmpty()
    }
}
