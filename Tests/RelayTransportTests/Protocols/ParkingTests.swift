import Glibc
import Testing

@testable import RelayEngine

@Suite("Parked requests")
struct ParkingTests {
    private static let request = Array("GET /a HTTP/1.1\r\nHost: a\r\n\r\n".utf8)

    /// A connection whose request has just been parked.
    private static func parked(on stepped: SteppedLoop) -> (connection: ScriptedConnection, client: SocketPair) {
        stepped.handler.looksUp = true
        let (connection, client) = stepped.open()
        #expect(SocketResult.write(request, to: client.far) == .wrote(request.count))
        stepped.turn()
        #expect(connection.reading == .parked)
        #expect(stepped.handler.requests.isEmpty)
        return (connection, client)
    }

    private static func bringBack(
        _ answer: String = "here", ticket: UInt64, to connection: ScriptedConnection, _ loop: ScriptedLoop
    ) {
        loop.lookupDone(LookupResult(key: connection.key, ticket: ticket, answer: answer))
    }

    @Test("a parked request resumes with the answer to its lookup, and the next one needs its own")
    func done() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = Self.parked(on: stepped)
        #expect(SocketResult.write(Self.request, to: client.far) == .wrote(Self.request.count))
        Self.bringBack("there", ticket: stepped.lastTicket(of: connection), to: connection, stepped.loop)
        #expect(stepped.handler.requests == ["/a"])
        #expect(stepped.handler.lookupAnswers == ["there"])
        stepped.turn()
        #expect(connection.reading == .parked)
        #expect(stepped.handler.requests == ["/a"])
    }

    @Test("a lookup that takes too long is given up, and its request resumes without an answer")
    func expired() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = Self.parked(on: stepped)
        defer { client.closeFar() }
        stepped.letTimePass(seconds: TransportSettings().lookupTimeout)
        #expect(stepped.handler.requests == ["/a"])
        #expect(stepped.handler.lookupAnswers == [nil])
        #expect(connection.phase == .http)
        #expect(stepped.loop.counters.limitsExceeded.current(.handshakeTimeout) == 0)
        #expect(stepped.loop.counters.limitsExceeded.current(.lookupTimeout) == 1)
    }

    @Test("when the next request takes it to another loop, that one alone watches its time", arguments: [true, false])
    func movedOn(comesBack: Bool) throws {
        let group = try LoopGroup<ScriptedHandler>(loops: 2)
        let stepped = try SteppedLoop(index: 0, of: group)
        let other = try SteppedLoop(index: 1, of: group)
        stepped.handler.laterRequestsMoveTo = 1
        stepped.handler.looksUp = true
        let (connection, client) = stepped.open()
        defer { client.closeFar() }
        let requests = Self.request + Self.request
        #expect(SocketResult.write(requests, to: client.far) == .wrote(requests.count))
        stepped.turn()
        #expect(connection.reading == .parked)
        if comesBack {
            Self.bringBack(ticket: stepped.lastTicket(of: connection), to: connection, stepped.loop)
        } else {
            stepped.letTimePass(seconds: TransportSettings().lookupTimeout)
        }
        #expect(stepped.handler.requests.count == 1)
        stepped.turn()
        other.turn()
        #expect(other.handler.requests.count == 1)
        // Longer than it may rest there after its answer.
        stepped.letTimePass(seconds: 100)
        #expect(connection.phase == .http)
        other.letTimePass(seconds: 100)
        #expect(connection.phase == .closed)
    }

    @Test("an answer that comes too late is not taken for that of the next lookup")
    func late() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = Self.parked(on: stepped)
        let late = stepped.lastTicket(of: connection)
        stepped.loop.resumeParked(connection, with: nil)
        #expect(SocketResult.write(Self.request, to: client.far) == .wrote(Self.request.count))
        stepped.turn()
        #expect(connection.reading == .parked)
        Self.bringBack(ticket: late, to: connection, stepped.loop)
        #expect(connection.reading == .parked)
        #expect(stepped.handler.requests == ["/a"])
    }

    @Test("an answer for a connection that is gone is dropped")
    func gone() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = Self.parked(on: stepped)
        client.closeFar()
        stepped.turn()
        #expect(connection.phase == .closed)
        Self.bringBack(ticket: stepped.lastTicket(of: connection), to: connection, stepped.loop)
        #expect(stepped.handler.requests.isEmpty)
    }

    @Test("a client that closes its side while it waits is gone, whatever it has sent before")
    func halfClosed() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = Self.parked(on: stepped)
        #expect(SocketResult.write(Self.request, to: client.far) == .wrote(Self.request.count))
        stepped.turn()
        #expect(connection.reading == .parked)
        shutdown(client.far, Int32(SHUT_WR))
        stepped.turn()
        #expect(connection.phase == .closed)
    }

    @Test("a client may close its side once it is answered, and still gets the answer")
    func halfClosedAfterwards() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = Self.parked(on: stepped)
        Self.bringBack(ticket: stepped.lastTicket(of: connection), to: connection, stepped.loop)
        shutdown(client.far, Int32(SHUT_WR))
        stepped.turn()
        guard case .read(let bytes) = SocketResult.read(client.far) else { return #expect(Bool(false)) }
        #expect(bytes.starts(with: Array("HTTP/1.1 200".utf8)))
    }

    @Test("a request whose client hangs up before the answer does not resume, whatever comes then")
    func abandoned() throws {
        let stepped = try SteppedLoop()
        let (connection, client) = Self.parked(on: stepped)
        let ticket = stepped.lastTicket(of: connection)
        client.closeFar()
        stepped.turn()
        #expect(connection.phase == .closed)
        Self.bringBack(ticket: ticket, to: connection, stepped.loop)
        stepped.letTimePass(seconds: TransportSettings().lookupTimeout)
        #expect(stepped.handler.requests.isEmpty && stepped.handler.lookupAnswers.isEmpty)
    }

    @Test("a client that does not read its answers, and is sent off, does not keep the loop awake")
    func sentOff() throws {
        let stepped = try SteppedLoop()
        stepped.handler.bodyBytes = 2 << 20
        let (connection, client) = stepped.open()
        #expect(SocketResult.write(Self.request, to: client.far) == .wrote(Self.request.count))
        stepped.turn()
        let isSlow = !connection.output.isEmpty
        #expect(isSlow)
        stepped.handler.looksUp = true
        #expect(SocketResult.write(Self.request, to: client.far) == .wrote(Self.request.count))
        stepped.turn()
        #expect(connection.reading == .stalled)

        stepped.loop.closeForShutdown(connection)
        stepped.turn()
        #expect(connection.phase == .closing)
        shutdown(client.far, Int32(SHUT_WR))
        stepped.turn()
        #expect(connection.phase == .closing)
        let ready = stepped.loop.poller.wait(milliseconds: 0)
        #expect(ready == 0)
    }

    @Test("a request that was parked counts once against the rate of its connection")
    func rate() throws {
        let stepped = try SteppedLoop { $0.messagesPerSecond = 1 }
        stepped.handler.looksUp = true
        let (connection, client) = stepped.open()
        let requests = Self.request + Self.request + Self.request
        #expect(SocketResult.write(requests, to: client.far) == .wrote(requests.count))
        stepped.turn()
        #expect(connection.reading == .parked)
        stepped.handler.looksUp = false
        // Within the same turn, so that no time goes by: two may come at once.
        Self.bringBack(ticket: stepped.lastTicket(of: connection), to: connection, stepped.loop)
        #expect(connection.reading == .throttled)
        #expect(stepped.handler.requests.count == 2)
    }

    @Test(
        "a parked request counts as held until it is answered, and goes where too much is held",
        arguments: [false, true])
    func memory(isBounded: Bool) throws {
        let stepped = try SteppedLoop { $0.maxBufferedBytes = isBounded ? 5_000 : 0 }
        stepped.handler.looksUp = true
        let (connection, client) = stepped.open()
        let long = Array("GET /a HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 6_000))\r\n\r\n".utf8)
        #expect(SocketResult.write(long, to: client.far) == .wrote(long.count))
        stepped.turn()
        #expect(stepped.loop.counters.bufferedBytes.current == (isBounded ? 0 : long.count))
        #expect(connection.reading == (isBounded ? .ending : .parked))
        guard !isBounded else { return }
        stepped.loop.resumeParked(connection, with: "here")
        stepped.turn()
        #expect(stepped.loop.counters.bufferedBytes.current == 0)
        #expect(stepped.handler.requests == ["/a"])
    }
}
