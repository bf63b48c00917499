import Glibc
import Testing

@testable import RelayEngine

@Suite("Two ports of one loop")
struct AcceptingTests {
    @Test("each connection is counted at the port by which it came in, until it ends")
    func listeners() throws {
        let stepped = try SteppedLoop(hasAdminPort: true)
        let sockets = stepped.loop.group.sockets
        do {
            let client = try #require(LoopbackClient(family: AF_INET, port: stepped.port(.clients)))
            stepped.turn()
            #expect(sockets.current(.clients) == 1 && sockets.current(.admin) == 0)
            let scraper = try #require(LoopbackClient(family: AF_INET, port: stepped.port(.admin)))
            stepped.turn()
            #expect(sockets.current(.clients) == 1 && sockets.current(.admin) == 1)
            withExtendedLifetime((client, scraper)) {}
        }
        stepped.turn()
        #expect(sockets.current(.clients) == 0 && sockets.current(.admin) == 0)
    }

    @Test("a loop that ends lets nobody in any more", arguments: [ListenerRole.clients, .admin])
    func stop(listener: ListenerRole) throws {
        let stepped = try SteppedLoop(hasAdminPort: true)
        stepped.loop.group.mailboxes[0].post(.shutdown(.atOnce))
        stepped.turn()
        let late = try #require(LoopbackClient(family: AF_INET, port: stepped.port(listener)))
        stepped.turn()
        #expect(stepped.loop.table.count == 0)
        withExtendedLifetime(late) {}
    }

    @Test("a full port rests, the other one does not; it goes on when there is room", arguments: [true, false])
    func rests(isFull: Bool) throws {
        let stepped = try SteppedLoop(hasAdminPort: true) { $0.maxSockets = isFull ? 1 : 2 }
        let (_, holder) = stepped.open()
        let client = try #require(LoopbackClient(family: AF_INET, port: stepped.port(.clients)))
        let scraper = try #require(LoopbackClient(family: AF_INET, port: stepped.port(.admin)))
        stepped.turn()
        #expect(stepped.loop.group.sockets.current(.clients) == (isFull ? 1 : 2))
        #expect(stepped.loop.group.sockets.current(.admin) == 1)
        #expect(stepped.loop.counters.limitsExceeded.current(.openFiles) == (isFull ? 1 : 0))
        holder.closeFar()
        stepped.turn()
        stepped.letTimePass(nanoseconds: TransportSettings.acceptingRest)
        stepped.turn()
        #expect(stepped.loop.group.sockets.current(.clients) == 1)
        withExtendedLifetime((client, scraper)) {}
    }

    @Test("a full admin port that rests as the loop begins to end lets in whoever comes while clients are still served")
    func adminDuringShutdown() throws {
        let stepped = try SteppedLoop(hasAdminPort: true)
        let member = stepped.open(isWebSocket: true)
        let other = stepped.open(isWebSocket: true)
        let sockets = stepped.loop.group.sockets
        let port = stepped.port(.admin)
        do {
            let scrapers = (0...TransportSettings.adminSockets).compactMap { _ in
                LoopbackClient(family: AF_INET, port: port)
            }
            for _ in 0..<3 { stepped.turn() }
            #expect(sockets.current(.admin) == TransportSettings.adminSockets)
            stepped.loop.group.mailboxes[0].post(.shutdown(.spread(seconds: 60)))
            stepped.turn()
            withExtendedLifetime(scrapers) {}
        }
        // A busy kernel delivers the ends of that many connections a little later.
        for _ in 0..<100_000 where sockets.current(.admin) > 0 { stepped.turn() }
        #expect(sockets.current(.admin) == 0)
        let late = try #require(LoopbackClient(family: AF_INET, port: port))
        stepped.letTimePass(nanoseconds: TransportSettings.acceptingRest)
        for _ in 0..<3 { stepped.turn() }
        // The one that did not fit has hung up.
        #expect(sockets.current(.admin) == 1)
        withExtendedLifetime((member, other, late)) {}
    }

    @Test(
        "for new clients no connection goes that owes or is owed something, whatever it waits for",
        arguments: [
            (ReadState.open, true), (.deferred, false), (.throttled, false), (.parked, false), (.moving, false),
            (.ending, false),
        ])
    func resting(reading: ReadState, goes: Bool) throws {
        let stepped = try SteppedLoop()
        let (connection, client) = stepped.open()
        connection.reading = reading
        stepped.setTime(stepped.loop.now + 2 * MonotonicClock.nanosecondsPerSecond)
        stepped.loop.shedResting()
        let hasClose = stepped.loop.exits.hasCloses
        #expect(hasClose == goes)
        withExtendedLifetime(client) {}
    }

    @Test("a client whose request is parked is not let go when descriptors run out, and is answered")
    func parked() throws {
        let stepped = try SteppedLoop { $0.maxSockets = 1 }
        stepped.handler.looksUp = true
        let (connection, client) = stepped.open()
        let request = Array("GET /a HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(SocketResult.write(request, to: client.far) == .wrote(request.count))
        stepped.turn()
        stepped.setTime(stepped.loop.now + 2 * MonotonicClock.nanosecondsPerSecond)
        let late = try #require(LoopbackClient(family: AF_INET, port: stepped.port(.clients)))
        stepped.turn()
        #expect(stepped.loop.counters.limitsExceeded.current(.openFiles) == 1)
        #expect(connection.reading == .parked)
        stepped.loop.resumeParked(connection, with: "here")
        #expect(stepped.handler.requests == ["/a"])
        withExtendedLifetime(late) {}
    }
}
