import Glibc
import RelayLimits
import RelayWire
import TestSupport
import Testing

@testable import RelayEngine

@Suite("How long messages and turns take")
struct TurnTimingTests {
    private static let aMinute: UInt64 = 60_000_000_000

    private static func frames(_ count: Int) -> [UInt8] {
        var frames: [UInt8] = []
        for _ in 0..<count {
            FrameWriter.append(.text, payload: Array("x".utf8).span, maskingKey: 0x0102_0304, to: &frames)
        }
        return frames
    }

    private static func write(_ bytes: [UInt8], to client: SocketPair) {
        #expect(SocketResult.write(bytes, to: client.far) == .wrote(bytes.count))
    }

    /// How many messages have been timed.
    private static func timed(_ stepped: SteppedLoop) -> Int {
        stepped.loop.counters.relayTime.counts.reduce(0, +)
    }

    /// Minutes that they took together: told apart from what turns take, however busy the machine is.
    private static func minutes(_ stepped: SteppedLoop) -> Int {
        stepped.loop.counters.relayTime.total / Int(aMinute)
    }

    @Test("what a turn leaves for the next has waited since it was read")
    func backlog() throws {
        // Read ahead with others it would have read less at once.
        let stepped = try SteppedLoop(ioUring: .off)
        let (connection, client) = stepped.open(isWebSocket: true)
        let share = TransportSettings.framesPerTurn
        Self.write(Self.frames(2 * share), to: client)
        stepped.turn()
        #expect(connection.reading == .deferred)
        #expect(Self.timed(stepped) == share)
        let (_, other) = stepped.open(isWebSocket: true)
        Self.write(Self.frames(3), to: other)
        connection.times = ConnectionTimes(now: stepped.loop.now - Self.aMinute)
        stepped.turn()
        #expect(Self.timed(stepped) == 2 * share + 3)
        #expect((share..<2 * share).contains(Self.minutes(stepped)))
    }

    @Test("a rest above one's own message rate is nobody's wait")
    func pause() throws {
        let stepped = try SteppedLoop { $0.messagesPerSecond = 150 }
        let (connection, client) = stepped.open(isWebSocket: true)
        Self.write(Self.frames(5_000), to: client)
        // Longer than half a minute at that rate, and with a fresh bucket more than a turn's share.
        var rests = 0
        for _ in 0..<100 where Self.timed(stepped) < 5_000 {
            stepped.turn()
            guard connection.reading == .throttled else { continue }
            rests += 1
            connection.times = ConnectionTimes(now: stepped.loop.now - Self.aMinute)
            // As if its bucket had filled meanwhile. What then takes more than a turn waits for its turns alone.
            connection.bucket = TokenBucket()
            stepped.loop.resume(connection)
        }
        #expect(rests > 1)
        #expect(Self.timed(stepped) == 5_000)
        #expect(Self.minutes(stepped) < 100)
    }

    @Test(
        "what comes with a connection from another loop is timed there, since it was read, the message it came for too")
    func migration() throws {
        let group = try LoopGroup<ScriptedHandler>(loops: 2)
        let (from, to) = (try SteppedLoop(index: 0, of: group), try SteppedLoop(index: 1, of: group))
        let (connection, client) = from.open(isWebSocket: true)
        from.handler.messageMoves = { _ in 1 }
        Self.write(Self.frames(4), to: client)
        from.turn()
        #expect(Self.timed(from) == 0)
        connection.times = ConnectionTimes(now: from.loop.now - Self.aMinute)
        to.turn()
        #expect(Self.timed(to) == 4 && Self.minutes(to) == 4)
        #expect(from.loop.counters.messagesReceived.current + to.loop.counters.messagesReceived.current == 4)
    }

    @Test("a turn's wait is not its work")
    func wait() throws {
        let wait = 50_000_000
        for _ in 0..<100 {
            let stepped = try SteppedLoop(ioUring: .off)
            let before = MonotonicClock.now()
            stepped.loop.rests.set(.trim, at: before + UInt64(wait))
            stepped.loop.turn()
            let all = Int(MonotonicClock.now() - before)
            // The kernel wakes a thread on which another test had a ring, once that is gone.
            guard all >= wait else { continue }
            #expect(stepped.loop.counters.turnTime.counts.reduce(0, +) == 1)
            #expect(stepped.loop.counters.turnTime.total <= all - wait)
            return
        }
        Issue.record("every wait was cut short")
    }
}
