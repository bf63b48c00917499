import Glibc
import Testing

@testable import RelayEngine

@Suite("Two ports of one loop")
struct AcceptingTests {
    @Test("each connection knows by which port it came in")
    func listeners() throws {
        let stepped = try SteppedLoop(hasAdminPort: true)
        let client = try #require(LoopbackClient(family: AF_INET, port: stepped.port(.clients)))
        let scraper = try #require(LoopbackClient(family: AF_INET, port: stepped.port(.admin)))
        stepped.turn()
        #expect(
            stepped.loop.table.all.map(\.listener).sorted { $0 == .clients && $1 != $0 } == [
                .clients, .admin,
            ])
        #expect(stepped.loop.group.sockets.current(.clients) == 1)
        #expect(stepped.loop.group.sockets.current(.admin) == 1)
        for connection in stepped.loop.table.all { stepped.loop.closeLater(connection, .abort) }
        stepped.loop.processExits()
        #expect(stepped.loop.group.sockets.current(.clients) == 0)
        #expect(stepped.loop.group.sockets.current(.admin) == 0)
        withExtendedLifetime((client, scraper)) {}
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
        let (held, holder) = stepped.open()
        let client = try #require(LoopbackClient(family: AF_INET, port: stepped.port(.clients)))
        let scraper = try #require(LoopbackClient(family: AF_INET, port: stepped.port(.admin)))
        stepped.turn()
        #expect(stepped.loop.group.sockets.current(.clients) == (isFull ? 1 : 2))
        #expect(stepped.loop.group.sockets.current(.admin) == 1)
        #expect(stepped.loop.counters.limitsExceeded.current(.openFiles) == (isFull ? 1 : 0))
        stepped.loop.closeLater(held, .abort)
        stepped.loop.processExits()
        if isFull { stepped.loop.resumeAccepting(at: .clients) }
        stepped.turn()
        #expect(stepped.loop.group.sockets.current(.clients) == 1)
        withExtendedLifetime((holder, client, scraper)) {}
    }
}
