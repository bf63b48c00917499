internal import CLinux
internal import Glibc
package import Logging
internal import RelayCore
internal import RelayWire

/// One thread's connections: it accepts, polls, reads, hands on, and flushes once per turn.
///
/// It knows HTTP heads and WebSocket frames but neither rooms nor routes: those are its handler's. Only its own
/// thread touches it; everything else goes through its mailbox.
@safe package final class SocketLoop {
    package let index: Int
    package let counters: LoopCounters
    package let settings: TransportSettings
    let group: LoopGroup
    let logger: Logger
    let handler: any ConnectionHandler
    /// How fast one connection may send messages or requests.
    let rate: TokenRate

    let poller: Poller
    /// By descriptor. The table owns its connections.
    var connections: [Connection?] = []
    var openConnections = 0
    var nextSerial: UInt64
    /// Of the last lookup.
    var nextTicket: UInt64 = 0
    /// Nanoseconds of the monotonic clock at the start of this turn.
    package internal(set) var now: UInt64
    /// Until then nobody is dropped for silence: the loop itself was held up.
    var graceUntil: UInt64 = 0
    /// When the last turn ended.
    var endOfTurn: UInt64
    /// The messages of this turn, until its end says how long they took.
    var messagesOfTurn = MessagesOfTurn()

    /// Where sockets are read into. Idle connections hold no buffer of their own.
    let readBuffer: UnsafeMutableRawBufferPointer
    var pool = BufferPool()
    var timers = TimerQueue<TimerEvent>()
    /// Connections with output for the next flush, at the end of this turn at the latest. The table or the graveyard keeps
    /// them alive until then.
    var dirty: [Unmanaged<Connection>] = unsafe []
    /// What sends to many of them at once, or reads from many; nil where the kernel has none for us.
    var ring: SocketRing?
    var ahead = ReadAhead()
    /// Those to which the ring's batch sends, in its order.
    var batch: [Unmanaged<Connection>] = unsafe []
    var exits = ExitList()
    var backlog: [ConnectionKey] = []
    var graveyard: [Connection] = []
    var bufferedBytes: Int { counters.bufferedBytes.current }
    /// Bytes queued since the last flush, which count as buffered only after it.
    var unflushedBytes = 0
    /// Bytes of long HTTP answers in this turn.
    var answeredBytes = 0
    /// Frames queued, ever.
    var queuedFrames = 0
    /// Connections that have gone since free memory was last given back.
    var goneSinceTrim = 0
    var lastLogged: [Limit: UInt64] = [:]
    var door: Door
    /// Where operators come in, if they have a port of their own.
    var operatorDoor: Door?
    /// The loop's end, once it has begun.
    var stopping: Stopping?

    /// What a timer of the loop is about.
    enum TimerEvent {
        case check(ConnectionKey)
        case resume(ConnectionKey)
        case resumeAccepting(Entrance)
        case trim
        case farewell
        case handler(HandlerTimer)
    }

    static let listenerToken = UInt64.max
    static let mailboxToken = UInt64.max - 1
    static let operatorListenerToken = UInt64.max - 2

    /// - Parameters:
    ///   - operatorListener: nil where operators have no port of their own.
    ///   - ring: nil where each connection is to have a send and a read of its own.
    package init(
        index: Int, group: LoopGroup, listener: Listener, operatorListener: Listener? = nil,
        settings: TransportSettings, counters: LoopCounters, logger: Logger, handler: any ConnectionHandler,
        ring: consuming SocketRing? = nil
    ) throws(SystemError) {
        self.index = index
        self.group = group
        door = Door(listener)
        operatorDoor = operatorListener.map { Door($0) }
        self.settings = settings
        self.counters = counters
        self.logger = logger
        self.handler = handler
        if ring != nil { counters.ring.add(1) }
        self.ring = consume ring
        rate = TokenRate(perSecond: settings.messagesPerSecond, burst: 2 * settings.messagesPerSecond)
        // The loop's number in the serial keeps the keys of all loops apart.
        nextSerial = UInt64(index) << 32
        now = MonotonicClock.now()
        endOfTurn = now
        poller = try Poller()
        unsafe readBuffer = .allocate(byteCount: TransportSettings.readBytes, alignment: 16)
        try poller.add(group.mailboxes[index].descriptor, token: SocketLoop.mailboxToken, interest: .readable)
        try startAccepting(at: .clients)
        try startAccepting(at: .operators)
    }

    deinit {
        unsafe readBuffer.deallocate()
    }

    /// Runs until a stop message has been obeyed.
    func run() {
        while !hasStopped {
            turn()
        }
        // What has not ended in time.
        for case let connection? in connections { doom(connection, .abort) }
        reap()
        // What came too late.
        for message in group.mailboxes[index].close() { abandon(message) }
    }

    /// Handles what is ready, waiting for it if nothing is left to do, and sends what that has caused.
    func turn() {
        let patience = pollTimeout()
        let ready = poller.wait(milliseconds: patience)
        noteTime(waited: patience)
        answeredBytes = 0
        var next = 0
        while next < ready {
            let end = min(next + ReadAhead.places, ready)
            handleReady(next..<end)
            next = end
        }
        workOffBacklog()
        // A full batch means that more is ready: what those sockets say comes before silence is judged.
        if ready == Poller.batch { giveGrace() }
        fireTimers()
        settle()
        processMoves()
        noteEndOfTurn()
        graveyard.removeAll(keepingCapacity: true)
    }

    private func handleReady(_ range: Range<Int>) {
        readAhead(range)
        for index in range {
            handle(poller.readiness(index), ahead.take(index - range.lowerBound))
            reap()
            if unsafe dirty.count >= TransportSettings.dirtyPerFlush { flushDirty() }
        }
    }

    /// - Parameter arrival: what the connection has sent, if that has been read already.
    private func handle(_ readiness: Poller.Readiness, _ arrival: ReadAhead.Arrival?) {
        switch readiness.token {
        case SocketLoop.listenerToken: acceptConnections(at: .clients)
        case SocketLoop.operatorListenerToken: acceptConnections(at: .operators)
        case SocketLoop.mailboxToken: readMail()
        default:
            guard let key = readiness.connection, let connection = unsafe lent(key) else { return }
            unsafe connection._withUnsafeGuaranteedRef { connection in
                if readiness.isWritable { becameWritable(connection) }
                if readiness.isReadable { becameReadable(connection, arrival) }
            }
        }
    }

    /// The connection of this key without counting a reference, since this is done for every event: whoever takes one out
    /// of the table holds it before, and lets go of it at the end of the turn or on its way to another loop.
    @inline(__always)
    func lent(_ key: ConnectionKey) -> Unmanaged<Connection>? {
        let descriptor = Int(key.descriptor)
        guard descriptor < connections.count, let connection = connections[descriptor], connection.key == key else {
            return nil
        }
        return unsafe .passUnretained(connection)
    }

    /// The connection of this key, unless it is gone.
    func connection(_ key: ConnectionKey) -> Connection? {
        // The table holds it until the caller does.
        unsafe lent(key)?.takeUnretainedValue()
    }

    private func readMail() {
        for message in group.mailboxes[index].collect() {
            switch message {
            case .connection(let migration): adopt(migration)
            case .lookupDone(let result): lookupDone(result)
            case .shedLoad: shedLoad()
            case .stop(let farewell): beginStop(farewell)
            }
            reap()
        }
    }

    /// Ends what was doomed and sends what was queued, until neither makes more of the other.
    private func settle() {
        repeat {
            reap()
            flushDirty()
        } while unsafe exits.hasCloses || !dirty.isEmpty
    }

    private func pollTimeout() -> Int32 {
        guard backlog.isEmpty else { return 0 }
        let deadline = min(timers.nextDeadline ?? .max, stopping?.endsAt ?? .max)
        guard deadline < .max else { return -1 }
        // Which was just now, so that the clock need not be read again.
        guard deadline > endOfTurn else { return 0 }
        // Rounded up, lest the loop spin through the last fraction of a millisecond.
        return Int32(min((deadline - endOfTurn) / 1_000_000 + 1, 60_000))
    }

    /// A loop that was stopped or starved for a second must not take the silence it slept through for the peers'.
    private func noteTime(waited: Int32) {
        let before = now
        now = MonotonicClock.now()
        guard waited >= 0 else { return }
        let expected = before + UInt64(waited) * 1_000_000
        if now > expected + MonotonicClock.nanosecondsPerSecond { giveGrace() }
    }

    private func giveGrace() {
        graceUntil = now + UInt64(max(settings.idleTimeout, 2)) * MonotonicClock.nanosecondsPerSecond / 2
    }

    /// Counts a limit that struck, and tells the operator, at most once a minute for each.
    package func struck(_ limit: Limit) {
        counters.limitsStruck.add(1, for: limit)
        if let last = lastLogged[limit], now < last + 60 * MonotonicClock.nanosecondsPerSecond { return }
        lastLogged[limit] = now
        logger.warning("limit reached", metadata: ["limit": "\(limit.rawValue)", "loop": "\(index)"])
    }
}

extension Poller.Readiness {
    /// The connection that is ready; nil if it is something else of the loop's.
    var connection: ConnectionKey? {
        token < SocketLoop.operatorListenerToken ? ConnectionKey(rawValue: token) : nil
    }
}
