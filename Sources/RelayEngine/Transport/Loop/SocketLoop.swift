package import Logging
internal import RelayLimits

/// One thread's connections: it accepts, polls, reads, hands on, and flushes once per turn.
///
/// It knows HTTP heads and WebSocket frames but neither rooms nor routes: those are its handler's. Only its own thread
/// touches it; everything else goes through its mailbox.
@safe package final class SocketLoop<Handler: ConnectionHandler> {
    package let index: Int
    let counters: TransportCounters
    let settings: TransportSettings
    let group: LoopGroup<Handler>
    let handler: Handler

    // The loop's parts. They are not private because what drives them stands in the folder of each part; what a part
    // holds is its own.
    let poller: Poller
    var acceptors: [ListenerRole: Acceptor] = [:]
    var table: ConnectionTable<Handler>
    var reader: Reader
    var writer: Writer<Handler>
    var timers = TimerQueue<TimerEvent>()
    var exits = ExitList<Handler>()
    var memory: MemoryBudget
    var clock: TurnClock
    /// The loop's end, once it has begun.
    var drain: LoopDrain?

    var log: LoopLog

    /// What a timer of the loop is about.
    enum TimerEvent {
        case check(ConnectionKey)
        case resume(ConnectionKey)
        case resumeAccepting(ListenerRole)
        case trim
        case shutdown
        case handler(Handler.Timer)
    }

    /// - Parameters:
    ///   - adminListener: nil where the admin endpoints have no port of their own.
    ///   - ring: nil where each connection is to have a send and a read of its own.
    package init(
        index: Int, group: LoopGroup<Handler>, listener: Listener, adminListener: Listener? = nil,
        settings: TransportSettings, counters: TransportCounters, logger: Logger, handler: Handler,
        ring: consuming SocketRing? = nil
    ) throws(SystemError) {
        self.index = index
        self.group = group
        self.settings = settings
        self.counters = counters
        self.handler = handler
        if ring != nil { counters.ring.add(1) }
        writer = Writer(ring: ring, fewestCallsPerBatch: settings.fewestCallsPerBatch)
        reader = Reader(rate: TokenRate(perSecond: settings.messagesPerSecond, burst: 2 * settings.messagesPerSecond))
        table = ConnectionTable(loop: index)
        memory = MemoryBudget(maxBytes: settings.maxBufferedBytes, loop: index, ledger: group.ledger)
        clock = TurnClock(now: MonotonicClock.now(), idleTimeout: settings.idleTimeout)
        log = LoopLog(logger, loop: index)
        poller = try Poller()
        try poller.add(group.mailboxes[index].descriptor, for: .mailbox, interest: .readable)
        try listen(listener, as: .clients, maxSockets: settings.maxSockets)
        if let adminListener { try listen(adminListener, as: .admin, maxSockets: TransportSettings.adminSockets) }
    }

    private func listen(_ listener: Listener, as role: ListenerRole, maxSockets: Int) throws(SystemError) {
        var acceptor = Acceptor(listener, role: role, maxSockets: maxSockets, sockets: group.sockets)
        try acceptor.start(on: poller)
        acceptors[role] = acceptor
    }

    // MARK: Turns

    /// Runs until a shutdown that it was told of is over.
    package func run() {
        while !hasStopped {
            turn()
        }
        // What has not ended in time, and what came too late.
        for connection in table.all { closeLater(connection, .abort) }
        processExits()
        for message in group.mailboxes[index].close() { abandon(message) }
    }

    /// Handles what is ready, waiting for it if nothing is left to do, and sends what that has caused.
    func turn() {
        let patience = patience()
        let ready = poller.wait(milliseconds: patience)
        clock.beginTurn(at: MonotonicClock.now(), patience: patience)
        var next = 0
        while next < ready {
            let end = min(next + ReceiveBatch.places, ready)
            handleReady(next..<end)
            next = end
        }
        resumeDeferred()
        // A full batch means that more is ready: what those sockets say comes before silence is judged.
        if ready == Poller.batch { clock.suspendIdleChecks() }
        fireTimers()
        settle()
        processMoves()
        clock.endTurn(at: MonotonicClock.now(), counters)
        table.releaseRetired()
    }

    private func patience() -> Int32 {
        guard !reader.hasDeferred else { return 0 }
        return clock.patience(until: min(timers.nextDeadline ?? .max, drain?.deadline ?? .max))
    }

    private func handleReady(_ range: Range<Int>) {
        readBatch(range)
        for index in range {
            handle(poller.readiness(index), reader.takeArrival(index - range.lowerBound))
            processExits()
            if writer.isCrowded { flush() }
        }
    }

    /// - Parameter arrival: what the connection has sent, if that has been read already.
    private func handle(_ readiness: Poller.Readiness, _ arrival: ReceiveBatch.Arrival?) {
        switch readiness.source {
        case .listener(let role): acceptConnections(at: role)
        case .mailbox: readMail()
        case .connection(let key):
            guard let connection = unsafe table.lend(key) else { return }
            unsafe connection._withUnsafeGuaranteedRef { connection in
                if readiness.isWritable { becameWritable(connection) }
                if readiness.isReadable { becameReadable(connection, arrival) }
            }
        }
    }

    private func readMail() {
        for message in group.mailboxes[index].collect() {
            switch message {
            case .connection(let migration): adopt(migration)
            case .lookupDone(let result): lookupDone(result)
            case .shedLoad: shedLoad()
            case .shutdown(let mode): beginShutdown(mode)
            }
            processExits()
        }
    }

    /// Closes what is to be closed and sends what was queued, until neither makes more of the other.
    private func settle() {
        repeat {
            processExits()
            flush()
        } while exits.hasCloses || writer.hasDirty
    }

    /// Whether all is done that there was to do.
    private var hasStopped: Bool { drain?.hasStopped(connections: table.count, now: now) ?? false }

    // MARK: What the parts and the handler ask for

    /// Nanoseconds of the monotonic clock at the start of this turn.
    package var now: UInt64 { clock.now }

    /// Nothing new comes in from here on.
    package var isStopping: Bool { drain != nil }

    /// Counts a limit that a client has exceeded, and tells the operator.
    func limitExceeded(_ limit: TransportLimit) {
        counters.limitsExceeded.add(1, for: limit)
        logExceeded(limit: limit.rawValue)
    }

    /// Tells the operator of a limit, at most once a minute for each name.
    package func logExceeded(limit: String) {
        log.limitExceeded(limit, now: now)
    }
}
