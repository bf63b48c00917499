import Glibc
import Testing

@testable import RelayEngine

@Suite("Two ports of one loop")
struct AcceptingTests {
    @Test("each connection knows by which port it came in")
    func entrances() throws {
        let stepped = try SteppedLoop(hasOperators: true)
        let client = try #require(LoopbackClient(family: AF_INET, port: stepped.port(.clients)))
        let scraper = try #require(LoopbackClient(family: AF_INET, port: stepped.port(.operators)))
        stepped.turn()
        #expect(
            stepped.loop.connections.compactMap { $0?.entrance }.sorted { $0 == .clients && $1 != $0 } == [
                .clients, .operators,
            ])
        #expect(stepped.loop.group.sockets.current(.clients) == 1)
        #expect(stepped.loop.group.sockets.current(.operators) == 1)
        for case let connection? in stepped.loop.connections { stepped.loop.doom(connection, .abort) }
        stepped.loop.reap()
        #expect(stepped.loop.group.sockets.current(.clients) == 0)
        #expect(stepped.loop.group.sockets.current(.operators) == 0)
        withExtendedLifetime((client, scraper)) {}
    }

    @Test("a loop that ends lets nobody in any more", arguments: [Entrance.clients, .operators])
    func stop(entrance: Entrance) throws {
        let stepped = try SteppedLoop(hasOperators: true)
        stepped.loop.group.mailboxes[0].post(.stop(.atOnce))
        stepped.turn()
        let late = try #require(LoopbackClient(family: AF_INET, port: stepped.port(entrance)))
        stepped.turn()
        #expect(stepped.loop.openConnections == 0)
        withExtendedLifetime(late) {}
    }

    @Test("a full port rests, the other one does not; it goes on when there is room", arguments: [true, false])
    func rests(isFull: Bool) throws {
        let stepped = try SteppedLoop(hasOperators: true) { $0.maxSockets = isFull ? 1 : 2 }
        let (held, holder) = stepped.open()
        let client = try #require(LoopbackClient(family: AF_INET, port: stepped.port(.clients)))
        let scraper = try #require(LoopbackClient(family: AF_INET, port: stepped.port(.operators)))
        stepped.turn()
        #expect(stepped.loop.group.sockets.current(.clients) == (isFull ? 1 : 2))
        #expect(stepped.loop.group.sockets.current(.operators) == 1)
        #expect(stepped.loop.counters.limitsStruck.current(.openFiles) == (isFull ? 1 : 0))
        stepped.loop.doom(held, .abort)
        stepped.loop.reap()
        if isFull { stepped.loop.resumeAccepting(at: .clients) }
        stepped.turn()
        #expect(stepped.loop.group.sockets.current(.clients) == 1)
        withExtendedLifetime((holder, client, scraper)) {}
    }
}
