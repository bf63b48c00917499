import Glibc
import RelayWire
import Testing

@testable import RelayEngine

@Suite("A peer that reads slowly")
struct SlowPeerTests {
    /// A loop with a WebSocket over TCP whose two kernels keep little for it, and the client's end.
    private final class Line {
        let stepped: SteppedLoop
        let connection: ScriptedConnection
        let client: LoopbackClient
        /// The time that the loop is to believe in.
        private var time: UInt64

        init() throws {
            stepped = try SteppedLoop { $0.maxQueuedBytes = 0 }
            stepped.handler.upgrades = true
            client = try #require(
                LoopbackClient(family: AF_INET, port: stepped.port(.clients), receiveBuffer: 8 << 10))
            let request =
                "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            #expect(client.send(Array(request.utf8)))
            for _ in 0..<1_000 where stepped.loop.table.all.first?.phase != .webSocket { stepped.turn() }
            connection = try #require(stepped.loop.table.all.first)
            var size: Int32 = 16 << 10
            unsafe setsockopt(
                connection.descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<Int32>.size))
            time = stepped.loop.now
            #expect(!client.receiveSome(4_096, within: 10_000).isEmpty)
        }

        func send(_ count: Int) {
            var frame: [UInt8] = []
            FrameWriter.append(.text, payload: [UInt8](repeating: 0x78, count: count).span, to: &frame)
            unsafe frame.withUnsafeBytes { unsafe stepped.loop.send($0, to: connection) }
            stepped.turn()
        }

        /// Has the client read so much, and the loop send more.
        func read(_ count: Int) -> [UInt8] {
            var read: [UInt8] = []
            var waits = 0
            while read.count < count, waits < 100 {
                let more = client.receiveSome(count - read.count, within: 10)
                waits = more.isEmpty ? waits + 1 : 0
                read += more
                stepped.turn()
            }
            return read
        }

        /// Has the loop believe that so much time has gone by, and look at what is due.
        func wait(seconds: UInt64) {
            time += seconds * MonotonicClock.nanosecondsPerSecond
            stepped.setTime(time)
            stepped.loop.fireTimers()
            stepped.loop.settle()
        }
    }

    @Test("a client that reads a large message without a pause is not dropped, and is pinged behind it")
    func steady() throws {
        let line = try Line()
        let total = 600_000
        line.send(total)
        var read = 0
        // Twenty times as long as all of the timeout, with a fresh byte acknowledged in each part of it.
        for _ in 0..<200 where read < total - 60_000 {
            read += line.read(4_000).count
            line.wait(seconds: 2)
            try #require(line.connection.phase == .webSocket)
        }
        #expect(line.connection.times.awaitsPong)
        // The rest, with the header and the ping, and then nothing more: its pong is due.
        read += line.read(total).count
        #expect(read == total + 10 + 2)
        for _ in 0..<5 { line.wait(seconds: 2) }
        #expect(line.connection.phase == .webSocket)
        for _ in 0..<6 { line.wait(seconds: 2) }
        #expect(line.stepped.loop.counters.idleDrops.current == 1)
        #expect(line.connection.phase == .closed)
    }

    @Test("a client that stops reading is closed with 4008 in the end, and can read why")
    func stops() throws {
        let line = try Line()
        line.send(600_000)
        for _ in 0..<20 { _ = line.read(4_000) }
        line.wait(seconds: 10)
        _ = line.read(4_000)
        line.wait(seconds: 3)
        #expect(line.connection.phase == .webSocket)
        for _ in 0..<12 { line.wait(seconds: 2) }
        #expect(line.stepped.loop.counters.closes.current(.tooSlow) == 1)
        #expect(line.stepped.loop.counters.idleDrops.current == 1)
        #expect(line.connection.phase == .closing)
        // It goes on just in time for the close.
        let last = line.read(1_000_000).suffix(12)
        #expect(Array(last) == [0x88, 10, 0x0F, 0xA8] + Array("too slow".utf8))
    }

    @Test("a close with much output goes on while the client reads, and ends soon when it does not")
    func closing() throws {
        let line = try Line()
        line.send(600_000)
        line.stepped.loop.close(line.connection, .roomClosed, reason: "over")
        line.stepped.turn()
        for _ in 0..<15 {
            _ = line.read(8_000)
            line.wait(seconds: 2)
        }
        #expect(line.connection.phase == .closing)
        for _ in 0..<5 { line.wait(seconds: 3) }
        #expect(line.connection.phase == .closed)
    }
}
