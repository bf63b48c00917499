internal import DequeModule
package import Logging
internal import RelayLimits
internal import RelayWire

/// The event loop of one thread: it polls, accepts, reads, calls the handler, and flushes once per turn.
///
/// It knows HTTP heads and WebSocket frames but neither rooms nor routes: those are its handler's. Only its own thread
/// touches it; other threads use its mailbox.
@safe package final class SocketLoop<Handler: ConnectionHandler> {
    package let index: Int
    let counters: TransportCounters
    let settings: TransportSettings
    let group: LoopGroup<Handler>
    let handler: Handler

    // The loop's parts. They are not private because the code that drives each part is in that part's folder; the state
    // of each part is private to it.
    var poller: Poller
    var acceptors: [ListenerRole: Acceptor] = [:]
    var table: ConnectionTable<Handler>
    var reader: Reader
    var writer: Writer<Handler>
    /// The deadlines that somebody must keep; held for a moment when the loop itself was late.
    var timers = TimerQueue<TimerEvent>()
    /// The ends of the loop's own pauses.
    var rests = TimerQueue<RestEvent>()
    var exits = ExitList<Handler>()
    var memory: MemoryBudget
    var clock: TurnClock
    /// The date of the answers of this second.
    var date = DateField(second: WallClock.second())
    /// The loop's shutdown, once it has begun.
    var drain: LoopDrain?

    var log: LoopLog
    /// What one connection may cause in one turn.
    private(set) var share = TurnShare(ready: 1)
    /// Connections without a WebSocket that were served in this turn.
    private var strangers = 0
    /// The poller's events that are being handled: of some a batch has read already.
    private var inHand = 0..<0
    /// Messages collected from the mailbox and not handled yet.
    private var mail: Deque<LoopMessage<Handler>> = []

    /// The action that a deadline triggers.
    enum TimerEvent {
        case check(ConnectionKey)
        case shutdown
        case handler(Handler.Timer)
    }

    /// The work that goes on after a pause.
    enum RestEvent {
        case read(ConnectionKey)
        case accept(ListenerRole)
        case trim
    }

    /// - Parameters:
    ///   - adminListener: nil if there is no admin port.
    ///   - ring: nil if each connection gets its own send and read calls.
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
        let now = MonotonicClock.now()
        clock = TurnClock(
            now: now, asleep: MonotonicClock.asleep(now: now), idleTimeout: settings.idleTimeout,
            turnTime: settings.turnTime)
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

    /// Runs until a shutdown is complete.
    package func run() {
        handler.started(on: self)
        while !hasStopped {
            turn()
        }
        // Connections that have not ended in time, and messages that came too late.
        for connection in table.all { closeLater(connection, .abort) }
        processExits()
        for message in mail + group.mailboxes[index].close() { abandon(message) }
    }

    /// Waits for events unless work is left, handles them until the time of a turn is used up, and sends the resulting
    /// output.
    func turn() {
        let isFull = beginTurn()
        if group.mailboxes[index].mustBeLookedInto { collectMail() }
        handleMail()
        resumeDeferred()
        while !clock.isSpent, let range = poller.takeUnhandled(atMost: ReceiveBatch.places) { handleReady(range) }
        // More sockets are ready than the turn could look at.
        if isFull || poller.hasUnhandled { clock.leftUnread() }
        endRests()
        fireTimers()
        settle()
        flushBulk()
        settle()
        processMoves()
        recordMemory()
        scheduleTrim()
        clock.endTurn(at: MonotonicClock.now(), counters)
        table.releaseRetired()
    }

    /// Waits for events, unless some of the last wait are left.
    ///
    /// - Returns: true if more sockets may be ready than one wait reports.
    private func beginTurn() -> Bool {
        writer.beginTurn()
        var (patience, ready): (Int32, Int) = (0, 0)
        if !poller.hasUnhandled {
            patience = self.patience()
            ready = poller.wait(milliseconds: patience)
        }
        let moment = MonotonicClock.now()
        clock.beginTurn(at: moment, patience: patience, asleep: MonotonicClock.asleep(now: moment))
        if ready > 0 { share = TurnShare(ready: ready) }
        strangers = 0
        return ready == Poller.batch
    }

    private func patience() -> Int32 {
        guard !reader.hasDeferred, !writer.hasBulk, mail.isEmpty else { return 0 }
        let deadline = min(timers.nextDeadline ?? .max, drain?.deadline ?? .max)
        return clock.patience(until: min(clock.passing(of: deadline), rests.nextDeadline ?? .max))
    }

    private func handleReady(_ range: Range<Int>) {
        inHand = range
        readBatch(range)
        for index in range {
            guard !clock.isSpent else { return leaveForNextTurn(index..<range.upperBound, of: range) }
            handle(poller.readiness(index), reader.takeArrival(index - range.lowerBound))
            finishStep()
        }
    }

    /// Leaves events for the next turn, and keeps the bytes that a batch has read for them.
    private func leaveForNextTurn(_ rest: Range<Int>, of range: Range<Int>) {
        for index in rest {
            guard let arrival = reader.takeArrival(index - range.lowerBound),
                case .connection(let key) = poller.readiness(index).source, let connection = table[key]
            else { continue }
            keep(arrival, of: connection)
        }
        poller.putBack(rest.count)
    }

    /// Takes the bytes that a batch has read of a connection before its turn has come.
    func takeArrival(of connection: Connection<Handler>) -> ReceiveBatch.Arrival? {
        let place = inHand.firstIndex { poller.readiness($0).source == .connection(connection.key) }
        return place.flatMap { reader.takeArrival($0 - inHand.lowerBound) }
    }

    /// - Parameter arrival: the bytes of the connection, if a batch has read them already.
    private func handle(_ readiness: Poller.Readiness, _ arrival: ReceiveBatch.Arrival?) {
        switch readiness.source {
        case .listener(let role): acceptConnections(at: role)
        case .mailbox:
            collectMail()
            handleMail()
        case .connection(let key):
            guard let connection = unsafe table.lend(key) else { return }
            unsafe connection._withUnsafeGuaranteedRef { connection in
                if connection.isStranger, !hasTimeForStranger() { return }
                if readiness.isWritable { becameWritable(connection) }
                if readiness.isReadable { becameReadable(connection, arrival, isHangUp: readiness.isHangUp) }
            }
        }
    }

    /// True if this turn has time for one more connection that is no WebSocket. The others are reported again: however
    /// many requests there are, whoever plays is served first.
    private func hasTimeForStranger() -> Bool {
        strangers += 1
        return strangers <= TransportSettings.strangersPerTurn && !clock.isTwoThirdsSpent
    }

    private func collectMail() {
        mail.append(contentsOf: group.mailboxes[index].collect())
    }

    private func handleMail() {
        while !clock.isThirdSpent, let message = mail.popFirst() {
            switch message {
            case .connection(let migration): adopt(migration)
            case .lookupDone(let result): lookupDone(result)
            case .command(let command): handler.perform(command, on: self)
            case .shedLoad: memory.askedToShed()
            case .shedStaleInput: memory.staleInputIsDue()
            case .shutdown(let mode): beginShutdown(mode)
            }
            finishStep()
        }
    }

    /// Ends a step: processes closes, sheds load if there is too much, and sends output before the next step once many
    /// connections have some.
    func finishStep() {
        processExits()
        if memory.isSheddingDue { shedLoad() }
        if memory.takeStaleInputDue() { shedStaleInput() }
        if writer.stepEnded() { flush() }
        clock.stepEnded(
            frames: writer.queuedFrames, bytes: counters.bytesReceived.current, readingClock: MonotonicClock.now)
    }

    /// Processes closes and flushes output, until neither causes more of the other.
    func settle() {
        repeat {
            processExits()
            flush()
        } while exits.hasCloses || writer.hasDirty
    }

    /// True once a shutdown is complete.
    private var hasStopped: Bool { drain?.hasStopped(connections: table.count, now: clock.due) ?? false }

    // MARK: For the parts and the handler

    /// Nanoseconds of the monotonic clock at the start of this turn.
    package var now: UInt64 { clock.now }

    /// True once a shutdown has begun: no new connection is served.
    package var isStopping: Bool { drain != nil }
}
