import Glibc
import Logging
import RelayCore
import RelayWire
import TestSupport

@testable import RelayEngine

/// A loop whose turns the test itself takes, so that what happens in one turn and what in the next is no chance.
final class SteppedLoop {
    let loop: SocketLoop
    /// Lets a test break the loop's ring.
    let ringFault: RingFault?
    let handler = ScriptedHandler()
    private var sources: [SocketPair] = []
    private var descriptors: [Int32] = []

    /// - Parameters:
    ///   - group: of which it is to be one; by default it is the only one of its own.
    ///   - ioUring: whether it sends and reads in batches; then it always does, be it for one connection only.
    init(
        index: Int = 0, of group: LoopGroup? = nil, hasAdminPort: Bool = false, ioUring: IOUringMode = .wanted,
        _ configure: (inout TransportSettings) -> Void = { _ in }
    ) throws {
        var settings = TransportSettings()
        settings.messagesPerSecond = 0
        settings.fewestCallsPerBatch = 1
        configure(&settings)
        let ring = try ioUring.ring()
        ringFault = RingFault(ring)
        loop = try SocketLoop(
            index: index, group: try group ?? LoopGroup(loops: 1), listener: try Listener(host: "127.0.0.1", port: 0),
            adminListener: hasAdminPort ? try Listener(host: "127.0.0.1", port: 0) : nil, settings: settings,
            counters: LoopCounters(),
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
    ) -> (connection: Connection, client: SocketPair) {
        let client = SocketPair()
        var descriptor = client.handOverNear()
        if let lowest {
            let low = descriptor
            descriptor = fcntl(low, F_DUPFD_CLOEXEC, lowest)
            close(low)
        }
        let key = loop.table.newKey(for: descriptor)
        let connection = Connection(
            key: key, peer: ClientAddress(ipv4: 0x7F00_0001), listener: listener, now: loop.now)
        if isWebSocket {
            connection.becomeWebSocket(MessageParser(role: .server, maxMessageBytes: 0), session: ScriptedSession())
        }
        loop.adopt(Migration(connection, cargo: nil))
        return (connection, client)
    }

    /// The number of the lookup that a parked request waits for.
    func lastTicket(of connection: Connection) -> UInt64 {
        connection.exchange?.lookup?.ticket ?? 0
    }

    /// Has the loop believe that a turn begins at this moment.
    func setTime(_ moment: UInt64) {
        loop.clock.beginTurn(at: moment, patience: -1)
    }

    var hasStopped: Bool { loop.drain?.hasStopped(connections: loop.table.count, now: loop.now) ?? false }

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

/// Answers every request with a body of the wanted size, and every message with so many frames; takes note of both.
final class ScriptedHandler: ConnectionHandler {
    var bodyBytes = 0
    var framesPerMessage = 0
    /// How many connections go together when the loop ends.
    var partySize = 1
    /// What else is done with each message.
    var onMessage: (String, SocketLoop) -> Void = { _, _ in }
    /// The loop to which a message takes its connection, if any.
    var messageMoves: (String) -> Int? = { _ in nil }
    /// The loop to which each request but the first takes its connection.
    var laterRequestsMoveTo: Int?
    /// The loop to which a request takes its connection once its lookup has ended.
    var resumedRequestsMoveTo: Int?
    /// Whether each request that may become a WebSocket does.
    var upgrades = false
    /// Whether each request needs a lookup first, which never ends by itself.
    var looksUp = false
    /// The answers to the lookups that have ended so far, nil for those that took too long.
    private(set) var lookupAnswers: [(any ConnectionCargo)?] = []
    /// How many connections ended with a lookup under way.
    private(set) var abandoned = 0
    /// How many WebSockets came from other loops, and how many ended.
    private(set) var adopted = 0
    private(set) var closed = 0
    private(set) var requests: [String] = []
    private(set) var messages: [String] = []

    func answer(
        _ head: RequestHead, in bytes: Span<UInt8>, of connection: Connection, on loop: SocketLoop
    ) -> RequestOutcome {
        let request = ScriptedRequest(
            target: String(decoding: head.target.map { bytes[$0] }, as: UTF8.self),
            acceptance: upgrades ? try? OpeningHandshake.check(head, in: bytes) : nil)
        if let laterRequestsMoveTo, !requests.isEmpty { return .move(toLoop: laterRequestsMoveTo, cargo: request) }
        guard looksUp else { return answer(request) }
        return .park(
            Parking(until: ScriptedHandler.endlessLookup) { [unowned self] answer, _, _ in
                lookupAnswers.append(answer)
                return resumedRequestsMoveTo.map { .move(toLoop: $0, cargo: request) } ?? self.answer(request)
            } ifAbandoned: { [unowned self] in
                abandoned += 1
            })
    }

    func answer(_ cargo: any ConnectionCargo, of connection: Connection, on loop: SocketLoop) -> RequestOutcome {
        guard let request = cargo as? ScriptedRequest else { preconditionFailure("a request moves as such") }
        return answer(request)
    }

    private func answer(_ request: ScriptedRequest) -> RequestOutcome {
        requests.append(request.target)
        if let acceptance = request.acceptance { return .upgrade(acceptance, ScriptedSession()) }
        return .respond(
            HTTPResponse(.ok, contentType: "text/plain", body: [UInt8](repeating: 0x78, count: bodyBytes)))
    }

    func receive(
        _ message: Span<UInt8>, _ kind: MessageKind, from connection: Connection, on loop: SocketLoop
    ) -> MessageOutcome {
        let text = String(decoding: message.indices.map { message[$0] }, as: UTF8.self)
        if let target = messageMoves(text) { return .move(toLoop: target, cargo: ScriptedCargo()) }
        messages.append(text)
        onMessage(text, loop)
        let frame: [UInt8] = [0x81, 0x00]
        for _ in 0..<framesPerMessage { unsafe frame.withUnsafeBytes { unsafe loop.send($0, to: connection) } }
        return .stay
    }

    func closeForShutdown(_ connection: Connection, on loop: SocketLoop) -> Int {
        let others = loop.table.all.filter { $0 !== connection && $0.phase == .webSocket }
        let party = [connection] + others.filter { $0.reading != .ending }.prefix(partySize - 1)
        for member in party { loop.closeForShutdown(member) }
        return party.count
    }

    private static let endlessLookup: Lookup = {
        for await _ in AsyncStream<Void>.makeStream().stream {}
        return ScriptedCargo()
    }

    func opened(_ connection: Connection, on loop: SocketLoop) {}
    func adopt(_ connection: Connection, cargo: any ConnectionCargo, on loop: SocketLoop) { adopted += 1 }
    func closed(_ connection: Connection, on loop: SocketLoop) { closed += 1 }
    func deadlinePassed(_ connection: Connection, on loop: SocketLoop) {}
    func timerFired(_ timer: HandlerTimer, on loop: SocketLoop) {}
}

/// Something that comes from outside the loop.
final class ScriptedCargo: ConnectionCargo {}

/// A request that was read on one loop, and is answered wherever its connection is by then.
final class ScriptedRequest: ConnectionCargo {
    let target: String
    let acceptance: OpeningHandshake.Acceptance?

    init(target: String, acceptance: OpeningHandshake.Acceptance?) {
        self.target = target
        self.acceptance = acceptance
    }
}

/// Nothing to remember.
final class ScriptedSession: ConnectionSession {}
