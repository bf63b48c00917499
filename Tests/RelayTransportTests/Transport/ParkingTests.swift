import Glibc
import Testing

@testable import RelayEngine

@Suite("Parked requests")
struct ParkingTests {
    private static let request = Array("GET /a HTTP/1.1\r\nHost: a\r\n\r\n".utf8)

    /// A connection whose request has just been parked.
    private static func parked(on stepped: SteppedLoop) -> (connection: Connection, client: SocketPair) {
        stepped.handler.sendsErrands = true
        let (connection, client) = stepped.open()
        #expect(SocketResult.write(request, to: client.far) == .wrote(request.count))
        stepped.turn()
        #expect(connection.isParked)
        #expect(stepped.handler.requests.isEmpty)
        return (connection, client)
    }

    private static func bringBack(_ cargo: ScriptedCargo, ticket: UInt64, to connection: Connection, _ loop: SocketLoop)
    {
        loop.errandDone(ErrandResult(key: connection.key, ticket: ticket, cargo: cargo))
    }

    @Test("a request is asked about again with what its errand brought, and the next one needs its own")
    func done() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = Self.parked(on: stepped)
        #expect(SocketResult.write(Self.request, to: client.far) == .wrote(Self.request.count))
        let cargo = ScriptedCargo()
        Self.bringBack(cargo, ticket: stepped.loop.nextTicket, to: connection, stepped.loop)
        #expect(stepped.handler.requests == ["/a"])
        guard case .done(let brought)? = stepped.handler.errands.first else { return #expect(Bool(false)) }
        #expect(brought === cargo)
        stepped.turn()
        #expect(connection.isParked)
        #expect(stepped.handler.requests == ["/a"])
    }

    @Test("when the time for an errand is over, the request is answered without it")
    func expired() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = Self.parked(on: stepped)
        defer { client.closeFar() }
        connection.deadline = stepped.loop.now
        stepped.loop.armCheck(connection)
        stepped.turn()
        #expect(stepped.handler.requests == ["/a"])
        guard case .done(nil)? = stepped.handler.errands.first else { return #expect(Bool(false)) }
        #expect(connection.phase == .http)
        #expect(stepped.loop.counters.limitsStruck.current(.handshakeTimeout) == 0)
        #expect(stepped.loop.counters.limitsStruck.current(.siblingSearch) == 1)
    }

    @Test("when the next request takes it to another loop, that one alone watches its time", arguments: [true, false])
    func movedOn(comesBack: Bool) throws {
        let group = try LoopGroup(loops: 2)
        let stepped = try SteppedLoop(index: 0, of: group)
        let other = try SteppedLoop(index: 1, of: group)
        stepped.handler.laterRequestsMoveTo = 1
        stepped.handler.sendsErrands = true
        let (connection, client) = stepped.open()
        defer { client.closeFar() }
        let requests = Self.request + Self.request
        #expect(SocketResult.write(requests, to: client.far) == .wrote(requests.count))
        stepped.turn()
        #expect(connection.isParked)
        if comesBack {
            Self.bringBack(ScriptedCargo(), ticket: stepped.loop.nextTicket, to: connection, stepped.loop)
        } else {
            connection.deadline = stepped.loop.now
            stepped.loop.armCheck(connection)
            stepped.turn()
        }
        #expect(stepped.handler.requests.count == 1)
        #expect(connection.checkAt == .max)
        other.turn()
        #expect(other.handler.requests.count == 1)
        #expect(other.loop.timers.nextDeadline == connection.checkAt)
    }

    @Test("what comes back too late is not taken for the result of the next errand")
    func late() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = Self.parked(on: stepped)
        let late = stepped.loop.nextTicket
        stepped.loop.answerParked(connection, with: nil)
        #expect(SocketResult.write(Self.request, to: client.far) == .wrote(Self.request.count))
        stepped.turn()
        #expect(connection.isParked)
        Self.bringBack(ScriptedCargo(), ticket: late, to: connection, stepped.loop)
        #expect(connection.isParked)
        #expect(stepped.handler.requests == ["/a"])
    }

    @Test("what comes back for a connection that is gone is dropped")
    func gone() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = Self.parked(on: stepped)
        client.closeFar()
        stepped.turn()
        #expect(connection.phase == .closed)
        Self.bringBack(ScriptedCargo(), ticket: stepped.loop.nextTicket, to: connection, stepped.loop)
        #expect(stepped.handler.requests.isEmpty)
    }

    @Test("a client that closes its side while it waits is gone, whatever it has sent before")
    func halfClosed() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = Self.parked(on: stepped)
        #expect(SocketResult.write(Self.request, to: client.far) == .wrote(Self.request.count))
        stepped.turn()
        #expect(connection.isParked)
        shutdown(client.far, Int32(SHUT_WR))
        stepped.turn()
        #expect(connection.phase == .closed)
    }

    @Test("a client may close its side once it is answered, and still gets the answer")
    func halfClosedAfterwards() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = Self.parked(on: stepped)
        Self.bringBack(ScriptedCargo(), ticket: stepped.loop.nextTicket, to: connection, stepped.loop)
        shutdown(client.far, Int32(SHUT_WR))
        stepped.turn()
        guard case .read(let bytes) = SocketResult.read(client.far) else { return #expect(Bool(false)) }
        #expect(bytes.starts(with: Array("HTTP/1.1 200".utf8)))
    }

    @Test("an errand is abandoned when its connection ends before it is done, and only then")
    func abandoned() throws {
        let stepped = try SteppedLoop()
        let (answered, client) = Self.parked(on: stepped)
        Self.bringBack(ScriptedCargo(), ticket: stepped.loop.nextTicket, to: answered, stepped.loop)
        client.closeFar()
        stepped.turn()
        #expect(answered.phase == .closed)
        #expect(stepped.handler.abandoned == 0)

        let (connection, other) = stepped.open()
        #expect(SocketResult.write(Self.request, to: other.far) == .wrote(Self.request.count))
        stepped.turn()
        #expect(connection.isParked)
        other.closeFar()
        stepped.turn()
        #expect(connection.phase == .closed)
        #expect(stepped.handler.abandoned == 1)
    }

    @Test("a parked request that is sent off while its client reads slowly does not keep the loop awake")
    func sentOff() throws {
        let stepped = try SteppedLoop()
        stepped.handler.bodyBytes = 2 << 20
        let (connection, client) = stepped.open()
        #expect(SocketResult.write(Self.request, to: client.far) == .wrote(Self.request.count))
        stepped.turn()
        let isSlow = !connection.output.isEmpty
        #expect(isSlow)
        stepped.handler.sendsErrands = true
        #expect(SocketResult.write(Self.request, to: client.far) == .wrote(Self.request.count))
        stepped.turn()
        #expect(connection.isParked)

        stepped.loop.sendOff(connection)
        stepped.turn()
        #expect(connection.phase == .closing)
        shutdown(client.far, Int32(SHUT_WR))
        stepped.turn()
        #expect(connection.isInputDone)
        let ready = stepped.loop.poller.wait(milliseconds: 0)
        #expect(ready == 0)
    }

    @Test("a request that was parked counts once against the rate of its connection")
    func rate() throws {
        let stepped = try SteppedLoop { $0.messagesPerSecond = 1 }
        let (connection, client) = Self.parked(on: stepped)
        Self.bringBack(ScriptedCargo(), ticket: stepped.loop.nextTicket, to: connection, stepped.loop)
        stepped.handler.sendsErrands = false
        // The second of the two that may come at once.
        #expect(SocketResult.write(Self.request, to: client.far) == .wrote(Self.request.count))
        stepped.turn()
        #expect(stepped.handler.requests.count == 2)
        #expect(SocketResult.write(Self.request, to: client.far) == .wrote(Self.request.count))
        stepped.turn()
        #expect(connection.isPaused)
        #expect(stepped.handler.requests.count == 2)
    }
}
