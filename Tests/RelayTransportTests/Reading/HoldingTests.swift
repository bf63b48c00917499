import Glibc
import RelayWire
import TestSupport
import Testing

@testable import RelayEngine

@Suite("WebSockets that are held")
struct HoldingTests {
    @Test(
        "one is not read until it is resumed; then nothing is lost, wherever its bytes were",
        arguments: IOUringMode.tested, 0...8 as ClosedRange<Int>)
    func waits(ioUring: IOUringMode, firstBytes: Int) throws {
        let stepped = try SteppedLoop(ioUring: ioUring)
        let (connection, client) = stepped.open(isWebSocket: true)
        let bytes = ClientFrames.frames(["a", "b"])
        if firstBytes > 0 { ClientFrames.write(Array(bytes[..<firstBytes]), by: client) }
        stepped.turn()
        let before = stepped.handler.messages.count
        stepped.loop.pauseReading(connection)
        ClientFrames.write(Array(bytes[firstBytes...]), by: client)
        for _ in 0..<3 { stepped.turn() }
        #expect(stepped.handler.messages.count == before)
        #expect(connection.reading == .held)
        // Level-triggered, what it sends would be reported again and again.
        let ready = stepped.loop.poller.wait(milliseconds: 0)
        #expect(ready == 0)
        stepped.loop.resumeReading(connection)
        #expect(stepped.handler.messages.count == before)
        for _ in 0..<3 { stepped.turn() }
        #expect(stepped.handler.messages == ["a", "b"])
        #expect(connection.reading == .open && connection.heldBytes == 0)
    }

    @Test("one that its own message has held is not handled further, not even what was read with that message")
    func heldByItself() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = stepped.open(isWebSocket: true)
        stepped.handler.onMessage = { text, loop in if text == "hold" { loop.pauseReading(connection) } }
        ClientFrames.write(ClientFrames.frames(["a", "hold", "b", "c"]), by: client)
        for _ in 0..<3 { stepped.turn() }
        #expect(stepped.handler.messages == ["a", "hold"])
        #expect(connection.heldBytes > 0)
        #expect(stepped.loop.counters.bufferedBytes.current == connection.heldBytes)
        stepped.loop.resumeReading(connection)
        stepped.turn()
        #expect(stepped.handler.messages == ["a", "hold", "b", "c"])
        #expect(stepped.loop.counters.bufferedBytes.current == 0)
    }

    @Test("what a batch has read of one that another's message holds is kept", arguments: IOUringMode.tested)
    func heldByAnother(ioUring: IOUringMode) throws {
        let stepped = try SteppedLoop(ioUring: ioUring)
        let clients = (0..<8).map { _ in stepped.open(isWebSocket: true) }
        let held = clients[5].connection
        stepped.handler.onMessage = { text, loop in if text == "0" { loop.pauseReading(held) } }
        for (index, (_, client)) in clients.enumerated() {
            ClientFrames.write(ClientFrames.frame("\(index)"), by: client)
        }
        for _ in 0..<3 { stepped.turn() }
        #expect(stepped.handler.messages == ["0", "1", "2", "3", "4", "6", "7"])
        stepped.loop.resumeReading(held)
        stepped.turn()
        #expect(stepped.handler.messages == ["0", "1", "2", "3", "4", "6", "7", "5"])
    }

    @Test("it is neither pinged nor dropped for its silence, which begins anew when it is resumed")
    func silence() throws {
        let stepped = try SteppedLoop { $0.idleTimeout = 20 }
        let (connection, client) = stepped.open(isWebSocket: true)
        stepped.turn()
        stepped.loop.pauseReading(connection)
        for _ in 0..<105 { stepped.letTimePass(seconds: 1) }
        stepped.loop.settle()
        #expect(connection.phase == .webSocket)
        #expect(SocketResult.read(client.far) == .wouldBlock)
        stepped.loop.resumeReading(connection)
        stepped.loop.resumeDeferred()
        stepped.letTimePass(seconds: 9)
        stepped.loop.settle()
        #expect(SocketResult.read(client.far) == .wouldBlock)
        stepped.letTimePass(seconds: 1)
        stepped.loop.settle()
        #expect(SocketResult.read(client.far) == .read([0x89, 0x00]))
        for _ in 0..<10 { stepped.letTimePass(seconds: 1) }
        #expect(connection.phase == .closed)
    }

    @Test(
        "a peer that goes, or closes its side, ends it, after what it has sent last", arguments: [true, false],
        [true, false])
    func peerGoes(isHalf: Bool, hasSent: Bool) throws {
        let stepped = try SteppedLoop()
        let (connection, client) = stepped.open(isWebSocket: true)
        stepped.loop.pauseReading(connection)
        if hasSent { ClientFrames.write(ClientFrames.frame("a"), by: client) }
        stepped.turn()
        if isHalf { shutdown(client.far, Int32(SHUT_WR)) } else { client.closeFar() }
        stepped.turn()
        #expect(connection.phase == .closed && stepped.handler.closed == 1)
        #expect(stepped.handler.messages == (hasSent ? ["a"] : []))
    }

    @Test("neither its message rate nor a pause that ends has it read before it is resumed")
    func throttled() throws {
        let stepped = try SteppedLoop { $0.messagesPerSecond = 1 }
        let (connection, client) = stepped.open(isWebSocket: true)
        ClientFrames.write(ClientFrames.frames(["a", "b", "c"]), by: client)
        stepped.turn()
        #expect(connection.reading == .throttled)
        stepped.loop.pauseReading(connection)
        stepped.letTimePass(seconds: 10)
        #expect(connection.reading == .held && stepped.handler.messages == ["a", "b"])
        stepped.loop.resumeReading(connection)
        stepped.loop.resumeDeferred()
        #expect(stepped.handler.messages == ["a", "b", "c"])
    }

    @Test("it closes as any other, and who is closing or was not held is left as it is")
    func closes() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = stepped.open(isWebSocket: true)
        stepped.loop.resumeReading(connection)
        #expect(connection.reading == .open)
        stepped.loop.pauseReading(connection)
        stepped.loop.close(connection, .serviceRestart, reason: "")
        stepped.loop.pauseReading(connection)
        stepped.loop.resumeReading(connection)
        stepped.turn()
        #expect(connection.phase == .closing)
        #expect(SocketResult.read(client.far) == .read([0x88, 0x02, 0x03, 0xF4]))
        ClientFrames.write(ClientFrames.frame("a"), by: client)
        client.closeFar()
        for _ in 0..<3 { stepped.turn() }
        #expect(connection.phase == .closed && stepped.handler.messages.isEmpty)
    }

    @Test("an unfinished message of one that is held does not count as stale", arguments: [true, false])
    func stale(isHeld: Bool) throws {
        let stepped = try SteppedLoop()
        let (connection, client) = stepped.open(isWebSocket: true)
        ClientFrames.write(Array(ClientFrames.frame(String(repeating: "a", count: 1_000)).dropLast()), by: client)
        stepped.turn()
        if isHeld { stepped.loop.pauseReading(connection) }
        stepped.letTimePass(seconds: 2)
        stepped.loop.shedStaleInput()
        #expect(connection.phase == (isHeld ? .webSocket : .closing))
        withExtendedLifetime(client) {}
    }
}
