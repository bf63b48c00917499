import Glibc
import RelayWire
import Testing

@testable import RelayEngine

@Suite("System calls that fail")
struct KernelFailureTests {
    private static func frame(_ text: String) -> [UInt8] {
        var frame: [UInt8] = []
        FrameWriter.append(.text, payload: Array(text.utf8).span, maskingKey: 0x0102_0304, to: &frame)
        return frame
    }

    private static func write(_ bytes: [UInt8], to client: SocketPair) {
        #expect(SocketResult.write(bytes, to: client.far) == .wrote(bytes.count))
    }

    /// What has a loop change the events that it watches a connection for.
    enum Change: CaseIterable {
        case slowReader
        case aboveItsRate
        case parked
        case parkedIsClosed
        case halfClosed
        case held
    }

    @Test("a connection that cannot be watched as it should be is closed, and no other", arguments: Change.allCases)
    private func modify(change: Change) throws {
        let stepped = try SteppedLoop {
            $0.messagesPerSecond = change == .aboveItsRate ? 1 : 0
            $0.maxQueuedBytes = 0
        }
        stepped.handler.looksUp = change == .parked || change == .parkedIsClosed
        let isWebSocket = !stepped.handler.looksUp
        let (connection, client) = stepped.open(isWebSocket: isWebSocket)
        let (other, otherClient) = stepped.open(isWebSocket: true)
        if change == .parkedIsClosed {
            Self.write(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), to: client)
            stepped.turn()
        }
        stepped.loop.poller.remove(connection.descriptor)
        switch change {
        case .slowReader:
            stepped.loop.writer.queueOpaque([UInt8](repeating: 0, count: 4 << 20), to: connection)
        case .aboveItsRate:
            Self.write((0..<10).flatMap { _ in Self.frame("x") }, to: client)
            stepped.loop.becameReadable(connection)
        case .parked:
            Self.write(Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8), to: client)
            stepped.loop.becameReadable(connection)
        case .parkedIsClosed:
            stepped.loop.closeLater(connection, .finish)
        case .halfClosed:
            stepped.loop.writer.queueOpaque([UInt8](repeating: 0, count: 4 << 20), to: connection)
            connection.interest.insert(.writable)
            stepped.loop.closeLater(connection, .finish)
            stepped.loop.processExits()
            shutdown(client.far, Int32(SHUT_WR))
            stepped.loop.becameReadable(connection)
        case .held:
            stepped.loop.pauseReading(connection)
        }
        stepped.turn()
        #expect(connection.phase == .closed)
        #expect(stepped.handler.closed == (isWebSocket ? 1 : 0))
        #expect(stepped.loop.table.count == 1 && other.phase == .webSocket)
        withExtendedLifetime(otherClient) {}
    }

    private static func pair() throws -> (from: SteppedLoop, to: SteppedLoop) {
        let group = try LoopGroup<ScriptedHandler>(loops: 2)
        return (try SteppedLoop(index: 0, of: group), try SteppedLoop(index: 1, of: group))
    }

    @Test("a connection that the kernel does not let go of is closed instead of moved")
    func remove() throws {
        let (from, to) = try Self.pair()
        let (connection, client) = from.open(isWebSocket: true)
        from.handler.messageMoves = { _ in 1 }
        Self.write(Self.frame("go"), to: client)
        from.loop.poller.remove(connection.descriptor)
        from.loop.becameReadable(connection)
        from.turn()
        to.turn()
        #expect(connection.phase == .closed && from.handler.closed == 1)
        #expect(from.loop.table.count == 0 && to.loop.table.count == 0)
        #expect(client.nearHasEnded)
    }

    @Test("a connection that moves to a loop which cannot be woken up is closed, and its handler told")
    func wakeUp() throws {
        let (from, to) = try Self.pair()
        let (connection, client) = from.open(isWebSocket: true)
        from.handler.messageMoves = { _ in 1 }
        Self.write(Self.frame("go"), to: client)
        try to.loop.group.mailboxes[1].breakDown()
        from.turn()
        #expect(connection.phase == .closed && from.handler.closed == 1)
        #expect(to.loop.group.mailboxes[1].collect().isEmpty)
        #expect(client.nearHasEnded)
    }

    @Test("a shutdown is kept for a loop that cannot be woken up, until it wakes up by itself")
    func shutdownWithoutWakeUp() throws {
        let stepped = try SteppedLoop()
        let (_, client) = stepped.open(isWebSocket: true)
        try stepped.loop.group.mailboxes[0].breakDown()
        stepped.loop.group.beginShutdown(.atOnce)
        #expect(!stepped.loop.isStopping)
        Self.write(Self.frame("x"), to: client)
        stepped.loop.turn()
        #expect(stepped.loop.isStopping)
    }

    @Test("a loop that could not be told to shed load is asked again")
    func shedWithoutWakeUp() throws {
        let group = try LoopGroup<ScriptedHandler>(loops: 2)
        let stepped = try SteppedLoop(index: 0, of: group) {
            $0.maxBufferedBytes = 1 << 20
            $0.maxQueuedBytes = 0
        }
        let (connection, client) = stepped.open(isWebSocket: true)
        group.ledger.record(64 << 20, of: 1)
        try group.mailboxes[1].breakDown()
        stepped.loop.writer.queueOpaque([UInt8](repeating: 0, count: 4 << 20), to: connection)
        stepped.loop.settle()
        #expect(group.ledger.askToShed(1))
        withExtendedLifetime(client) {}
    }

    @Test(
        "an accept that fails for one client goes on with the next; for all, it pauses",
        arguments: [
            (EAGAIN, "nothing"), (EMFILE, "exhausted"), (ENFILE, "exhausted"), (ENOBUFS, "exhausted"),
            (ENOMEM, "exhausted"), (EINTR, "skipped"), (ECONNABORTED, "skipped"), (EPROTO, "skipped"),
            (ENETDOWN, "skipped"), (EHOSTUNREACH, "skipped"), (EPERM, "failed"), (EINVAL, "nothing"),
            (EBADF, "failed"), (EOPNOTSUPP, "skipped"), (ENOSYS, "failed"),
        ])
    func accept(code: Int32, expected: String) {
        let outcome = Listener.AcceptOutcome(SystemError("accept4", code: code))
        #expect("\(outcome)".hasPrefix(expected))
    }

    @Test("a listener that is refused rests, is counted under no limit, and takes the client that then waits")
    func failedAccept() throws {
        let stepped = try SteppedLoop()
        let port = stepped.port(.clients)
        let client = try #require(LoopbackClient(family: AF_INET, port: port))
        var acceptor = try #require(stepped.loop.acceptors[.clients])
        _ = acceptor.rest(on: stepped.loop.poller)
        // As if the kernel had not ended watching it.
        stepped.loop.acceptors[.clients] = acceptor
        try stepped.loop.poller.add(acceptor.descriptor, for: .listener(.clients), interest: [.readable, .exclusive])
        stepped.turn()
        #expect(stepped.loop.table.count == 0)
        stepped.turn()
        let ready = stepped.loop.poller.wait(milliseconds: 0)
        #expect(ready == 0)

        try stepped.loop.poller.add(acceptor.descriptor, for: .listener(.clients), interest: [.readable, .exclusive])
        stepped.loop.resumeAccepting(at: .clients)
        stepped.turn()
        #expect(stepped.loop.table.count == 1)
        withExtendedLifetime(client) {}
    }

    @Test("what the kernel took and does not tell the end of ends its connection: sent again it might be doubled")
    func unknownOutcome() {
        guard case .failed = SocketRing.writeOutcome(SocketRing.unknown),
            case .failed = SocketRing.readOutcome(SocketRing.unknown)
        else { return #expect(Bool(false)) }
        // What was not done, or for the ring's own reason, is done again one by one.
        for code in [ECANCELED, ENOMEM, EPIPE] {
            #expect(SocketRing.writeOutcome(-code) == nil && SocketRing.readOutcome(-code) == nil)
        }
    }
}
