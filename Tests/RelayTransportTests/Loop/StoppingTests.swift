import RelayWire
import Testing

@testable import RelayEngine

@Suite("A loop's end, moment by moment")
struct StoppingTests {
    private static let step = TransportSettings.shutdownStep

    /// Which of the connections are still served after so many milliseconds of the loop's end.
    private static func served(
        _ connections: [ScriptedConnection], by stepped: SteppedLoop, after milliseconds: UInt64, since beganAt: UInt64
    ) -> [Bool] {
        stepped.setTime(beganAt + milliseconds * 1_000_000)
        stepped.loop.fireTimers()
        stepped.loop.processExits()
        return connections.map { $0.phase == .webSocket || $0.phase == .http }
    }

    @Test("connections go evenly over the time, whatever they are used for")
    func evenly() throws {
        let stepped = try SteppedLoop()
        let opened = (0..<10).map { stepped.open(isWebSocket: $0 % 2 == 0) }
        let connections = opened.map(\.connection)
        let beganAt = stepped.loop.now
        stepped.loop.beginShutdown(.spread(seconds: 5))
        for (milliseconds, count) in [(0, 9), (479, 9), (500, 8), (2_600, 4), (2_700, 4), (4_500, 0)] as [(UInt64, Int)]
        {
            let served = Self.served(connections, by: stepped, after: milliseconds, since: beganAt)
            #expect(served.filter { $0 }.count == count, "\(milliseconds) ms")
        }
    }

    @Test("what belongs together goes together, and takes the turns of as many")
    func parties() throws {
        let stepped = try SteppedLoop()
        stepped.handler.partySize = 4
        let connections = (0..<12).map { _ in stepped.open(isWebSocket: true).connection }
        let beganAt = stepped.loop.now
        stepped.loop.beginShutdown(.spread(seconds: 12))
        for (milliseconds, count) in [(0, 8), (3_900, 8), (4_000, 4), (7_900, 4), (8_000, 0)] as [(UInt64, Int)] {
            let served = Self.served(connections, by: stepped, after: milliseconds, since: beganAt)
            #expect(served.filter { $0 }.count == count, "\(milliseconds) ms")
        }
    }

    @Test("operators are served until the last client has gone, and hold the end up no longer")
    func operators() throws {
        let stepped = try SteppedLoop()
        let scraper = stepped.open(listener: .admin).connection
        let client = stepped.open(isWebSocket: true).connection
        let beganAt = stepped.loop.now
        stepped.loop.beginShutdown(.spread(seconds: 5))
        #expect(Self.served([scraper, client], by: stepped, after: 10, since: beganAt) == [true, false])
        #expect(Self.served([scraper], by: stepped, after: Self.step / 1_000_000, since: beganAt) == [false])
    }

    @Test(
        "who comes from another loop while this one ends is closed",
        arguments: [ShutdownMode.atOnce, .spread(seconds: 5)])
    func late(mode: ShutdownMode) throws {
        let stepped = try SteppedLoop()
        stepped.loop.beginShutdown(mode)
        let late = stepped.open(isWebSocket: true).connection
        stepped.loop.processExits()
        #expect(late.phase == .closing)
    }

    @Test("a hasty end takes the place of a slow one: everybody goes now")
    func hasty() throws {
        let stepped = try SteppedLoop()
        let opened = (0..<10).map { _ in stepped.open(isWebSocket: true) }
        stepped.loop.beginShutdown(.spread(seconds: 5))
        stepped.loop.beginShutdown(.hasty)
        stepped.turn()
        for (connection, client) in opened {
            #expect(connection.phase == .closing)
            #expect(SocketResult.read(client.far) == .read([0x88, 0x11, 0x03, 0xF4] + Array("service restart".utf8)))
        }
    }
}
