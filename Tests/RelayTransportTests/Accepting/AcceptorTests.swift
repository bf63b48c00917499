import Glibc
import Testing

@testable import RelayEngine

@Suite("A listening socket as one loop sees it")
struct AcceptorTests {
    @Test(
        "there is room below the bound of the acceptor's own port, all loops together; 0 is no bound",
        arguments: [
            (0, 1_000_000, true), (1, 0, true), (1, 1, false), (16, 15, true), (16, 16, false), (16, 17, false),
        ],
        ListenerRole.allCases)
    func room(limit: (maxSockets: Int, open: Int, hasRoom: Bool), role: ListenerRole) throws {
        let sockets = SocketCounters()
        let acceptor = Acceptor(
            try Listener(host: "127.0.0.1", port: 0), role: role, maxSockets: limit.maxSockets, sockets: sockets)
        for other in ListenerRole.allCases where other != role { sockets.add(1_000, at: other) }
        sockets.add(limit.open, at: role)
        #expect(acceptor.hasRoom == limit.hasRoom)
    }

    @Test("of a full port the first look in a turn is told, and the one behind the last that had room is not")
    func full() throws {
        let sockets = SocketCounters()
        let acceptor = Acceptor(
            try Listener(host: "127.0.0.1", port: 0), role: .clients, maxSockets: 1, sockets: sockets)
        let client = try #require(LoopbackClient(family: AF_INET, port: acceptor.port))
        sockets.add(1, at: .clients)
        guard case .exhausted(let error) = acceptor.accept(isFirst: true), error.code == EMFILE else {
            return #expect(Bool(false))
        }
        guard case .nothing = acceptor.accept(isFirst: false) else { return #expect(Bool(false)) }
        sockets.add(-1, at: .clients)
        guard case .accepted(let descriptor, _) = acceptor.accept(isFirst: false) else {
            return #expect(Bool(false))
        }
        close(descriptor)
        withExtendedLifetime(client) {}
    }

    /// What is done with an acceptor at whose port a client waits.
    private enum Step {
        case start
        case stop
        /// With whether a timer is to be set.
        case rest(setsTimer: Bool)
    }

    @Test(
        "a port is watched from its start to its rest or stop, one rest sets one timer, and a stop is for good",
        arguments: [
            ([], false), ([.start], true), ([.start, .start], true), ([.start, .stop], false),
            ([.start, .stop, .stop], false), ([.start, .stop, .start], false), ([.stop, .start], false),
            ([.rest(setsTimer: false)], false),
            ([.start, .rest(setsTimer: true)], false), ([.start, .rest(setsTimer: true), .start], true),
            ([.start, .rest(setsTimer: true), .rest(setsTimer: false)], false),
            ([.start, .rest(setsTimer: true), .start, .rest(setsTimer: true)], false),
            ([.start, .rest(setsTimer: true), .stop, .rest(setsTimer: false)], false),
            ([.start, .rest(setsTimer: true), .stop, .start], false),
            ([.start, .stop, .rest(setsTimer: false)], false),
        ] as [([Step], Bool)])
    private func states(steps: [Step], isWatched: Bool) throws {
        var poller = try Poller()
        var acceptor = Acceptor(
            try Listener(host: "127.0.0.1", port: 0), role: .admin, maxSockets: 0, sockets: SocketCounters())
        let client = try #require(LoopbackClient(family: AF_INET, port: acceptor.port))
        for step in steps {
            switch step {
            case .start: try acceptor.start(on: poller)
            case .stop: acceptor.stop(on: poller)
            case .rest(let setsTimer):
                let answer = acceptor.rest(on: poller)
                #expect(answer == setsTimer)
            }
        }
        let ready = poller.wait(milliseconds: 0)
        #expect(ready == (isWatched ? 1 : 0))
        if ready > 0 {
            let source = poller.readiness(0).source
            #expect(source == .listener(.admin))
        }
        withExtendedLifetime(client) {}
    }
}
