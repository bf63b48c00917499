import Glibc
import Logging
import RelayLimits
import RelayWire
import TestSupport

@testable import RelayEngine

typealias ScriptedLoop = SocketLoop<ScriptedHandler>
typealias ScriptedConnection = Connection<ScriptedHandler>

/// A loop whose turns the test itself takes, so that what happens in one turn and what in the next is no chance.
final class SteppedLoop {
    let loop: ScriptedLoop
    /// Lets a test break the loop's ring.
    let ringFault: RingFault?
    let handler = ScriptedHandler()
    private var sources: [SocketPair] = []
    private var descriptors: [Int32] = []

    /// - Parameters:
    ///   - group: of which it is to be one; by default it is the only one of its own.
    ///   - ioUring: whether it sends and reads in batches; then it always does, be it for one connection only.
    init(
        index: Int = 0, of group: LoopGroup<ScriptedHandler>? = nil, hasAdminPort: Bool = false,
        ioUring: IOUringMode = .wanted,
        _ configure: (inout TransportSettings) -> Void = { _ in }
    ) throws {
        // Other tests on this thread may have left some, which would count as this loop's.
        LargeBlock.freeKept()
        var settings = TransportSettings()
        settings.messagesPerSecond = 0
        // What happens in one turn is no matter of how busy the machine is.
        settings.turnTime = .max
        settings.fewestCallsPerBatch = 1
        configure(&settings)
        let ring = try ioUring.ring()
        ringFault = RingFault(ring)
        loop = try ScriptedLoop(
            index: index, group: try group ?? LoopGroup<ScriptedHandler>(loops: 1),
            listener: try Listener(host: "127.0.0.1", port: 0),
            adminListener: hasAdminPort ? try Listener(host: "127.0.0.1", port: 0) : nil, settings: settings,
            counters: TransportCounters(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, handler: handler,
            ring: ring)
    }

    deinit {
        for connection in loop.table.all { loop.closeLater(connection, .abort) }
        loop.processExits()
        for descriptor in descriptors { close(descriptor) }
    }

    /// Where connections come in there.
    func port(_ listener: ListenerRole) -> Int {
        loop.acceptors[listener]?.port ?? 0
    }

    /// A client's connection to this loop, and the client's end of it.
    ///
    /// - Parameter lowest: the least number that its descriptor is to have.
    func open(
        isWebSocket: Bool = false, listener: ListenerRole = .clients, lowest: Int32? = nil
    ) -> (connection: ScriptedConnection, client: SocketPair) {
        let client = SocketPair()
        var descriptor = client.handOverNear()
        if let lowest {
            let low = descriptor
            descriptor = fcntl(low, F_DUPFD_CLOEXEC, lowest)
            close(low)
        }
        let key = loop.table.newKey(for: descriptor)
        let connection = ScriptedConnection(
            key: key, peer: ClientAddress(ipv4: 0x7F00_0001), listener: listener, now: loop.now)
        if isWebSocket {
            connection.becomeWebSocket(
                MessageParser(role: .server, maxMessageBytes: 0), session: ScriptedHandler.Session())
        }
        loop.adopt(Migration(connection, payload: nil))
        return (connection, client)
    }

    /// The number of the lookup that a parked request waits for.
    func lastTicket(of connection: ScriptedConnection) -> UInt64 {
        connection.exchange?.lookup?.ticket ?? 0
    }

    /// Has the loop believe that a turn begins at this moment.
    func setTime(_ moment: UInt64) {
        loop.clock.beginTurn(at: moment, patience: -1)
    }

    /// Has the loop believe that so much time has gone by, and do what is due by then.
    func letTimePass(nanoseconds: UInt64) {
        setTime(loop.now + nanoseconds)
        loop.endRests()
        loop.fireTimers()
    }

    func letTimePass(seconds: Int) {
        letTimePass(nanoseconds: UInt64(seconds) * MonotonicClock.nanosecondsPerSecond)
    }

    /// One turn, which does not wait for something to happen.
    func turn() {
        // With little held this does nothing but wake the loop up.
        loop.group.mailboxes[loop.index].post(.shedLoad)
        loop.turn()
    }

    /// From now on every look at what is ready finds more than it can tell of, none of it worth anything.
    func alwaysFindsFullBatches() throws {
        let source = SocketPair()
        _ = SocketResult.write([1], to: source.far)
        sources.append(source)
        for _ in 0..<Poller.batch + 8 {
            let copy = fcntl(source.near, F_DUPFD_CLOEXEC, 0)
            precondition(copy >= 0, "a test may have a thousand descriptors")
            descriptors.append(copy)
            try loop.poller.add(
                copy, for: .connection(ConnectionKey(descriptor: copy, serial: .max >> 25)), interest: .readable)
        }
    }
}
