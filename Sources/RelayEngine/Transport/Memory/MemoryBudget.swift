/// One loop's share in the bound on the memory of all loops, and the choice of connections to close above it.
///
/// The bound is for buffers, for what handlers keep, and for the connections themselves. Closing connections frees buffers
/// alone, so those get what the rest leaves, and never less than a quarter: nobody is closed for what others rest on.
struct MemoryBudget {
    /// The bound for all loops together; 0 for none.
    private let maxBytes: Int
    private let loop: Int
    private let ledger: BufferLedger
    /// The nanoseconds for which a connection that sends much is not read, so that its receivers can catch up before
    /// any of them must be closed; nil while there was enough memory when this loop last recorded its own.
    private(set) var pause: UInt64?
    /// True if this loop is to close connections at the end of the step.
    private(set) var isSheddingDue = false
    private var isStaleInputDue = false

    // The pauses of those who send much, without a break.
    private var tightSince: UInt64 = 0
    private var lastPauseAt: UInt64 = 0

    // What has been freed since free memory was last given back to the system.
    private var goneSinceTrim = 0
    private var recorded = 0
    private var handlerBytes = 0
    private var peak = 0
    private var freeBytes = 0
    private var hasTrimTimer = false

    init(maxBytes: Int, loop: Int, ledger: BufferLedger) {
        self.maxBytes = maxBytes
        self.loop = loop
        self.ledger = ledger
    }

    /// Records the bytes that this loop holds now, in use and in free blocks.
    mutating func record(_ bytes: Int, free: Int = 0) {
        recorded = bytes
        peak = max(peak, held)
        freeBytes = free
        ledger.record(bytes + free, of: loop)
        pause = pauseForNow()
    }

    mutating func recordHandler(_ bytes: Int) {
        handlerBytes = bytes
        peak = max(peak, held)
        ledger.recordHandler(bytes, of: loop)
    }

    /// Records the number of this loop's connections.
    func recordConnections(_ count: Int) {
        ledger.recordConnections(count * TransportSettings.bytesPerConnection, of: loop)
    }

    /// True if handlers may hold so many bytes more: all together, up to half of the bound.
    ///
    /// Where several loops ask at the same time, each may get what it asked for.
    func handlersMayHold(_ bytes: Int) -> Bool {
        maxBytes == 0 || ledger.handlerTotal + bytes <= MemoryBudget.maxHandlerBytes(of: maxBytes)
    }

    /// The most bytes that handlers may hold under a bound for everything.
    static func maxHandlerBytes(of maxBytes: Int) -> Int { maxBytes / 2 }

    /// The most bytes that buffers may hold for now.
    private var maxBuffered: Int { max(maxBytes - ledger.restingTotal, maxBytes / 4) }

    var isExceeded: Bool { maxBytes > 0 && ledger.total > maxBuffered }

    // MARK: Pressure

    /// The nanoseconds for which a connection that sends much is not read now.
    private func pauseForNow() -> UInt64? {
        let most = maxBuffered
        let tight = most / 4 * 3
        guard maxBytes > 0, ledger.total > tight else { return nil }
        let share = Double(ledger.total - tight) / Double(max(most - tight, 1))
        let span = Double(TransportSettings.longestMemoryPause - TransportSettings.shortestPause)
        return TransportSettings.shortestPause + UInt64(min(share, 1) * span)
    }

    // MARK: Shedding

    /// Notes that the bound is exceeded.
    ///
    /// - Returns: the loop that must be asked to shed load, if it is another: the one that holds most, unless it has
    ///   been asked and has not yet begun.
    mutating func exceeded() -> Int? {
        let heaviest = ledger.heaviest
        guard heaviest != loop else {
            isSheddingDue = true
            return nil
        }
        return ledger.askToShed(heaviest) ? heaviest : nil
    }

    mutating func askedToShed() {
        isSheddingDue = true
    }

    /// Has unfinished input on which nothing happens go at the end of the step.
    mutating func staleInputIsDue() {
        isStaleInputDue = true
    }

    mutating func takeStaleInputDue() -> Bool {
        defer { isStaleInputDue = false }
        return isStaleInputDue
    }

    /// Notes that somebody had to pause for memory.
    ///
    /// - Returns: true if this has gone on for so long that unfinished input on which nothing happens should go.
    mutating func paused(at now: UInt64) -> Bool {
        if now > lastPauseAt + TransportSettings.staleAfter { tightSince = now }
        lastPauseAt = now
        guard now >= tightSince + TransportSettings.staleAfter else { return false }
        tightSince = now
        return true
    }

    /// Begins to shed load.
    ///
    /// - Returns: the bytes to free until an eighth of what buffers may hold is unused again, so that shedding stays rare
    ///   even when clients fill it on purpose; 0 if they do not hold too much any more.
    mutating func beginShedding() -> Int {
        isSheddingDue = false
        ledger.beginsToShed(loop)
        return isExceeded ? ledger.total - maxBuffered / 8 * 7 : 0
    }

    /// A connection that holds memory, as the choice sees it.
    struct Holder {
        /// Bytes that closing it may free.
        let bytes: Int
        /// Nanoseconds for which it has held memory, or since the last byte of an unfinished message.
        let age: UInt64
        /// Its right to what it holds.
        let standing: Standing

        enum Standing {
            /// It plays.
            case member
            /// It does not play yet, or no more.
            case stranger
            /// It is being closed, and only keeps its memory until the peer has read the rest and the close frame.
            case closing
        }

        /// Bytes times milliseconds: who holds much, but for a moment, is about to give it back. Members come last, and
        /// first one that is being closed for the large rest of a frame.
        fileprivate var weight: (Int, Double) {
            let rank =
                switch standing {
                case .closing where bytes > TransportSettings.bulkBytes: 2
                case .stranger: 1
                case .member, .closing: 0
                }
            return (rank, Double(bytes) * (Double(age) / 1_000_000 + 1))
        }
    }

    /// The indices of the connections to close, and no more than needed: those that hold most for longest.
    static func choice(of holders: [Holder], until excess: Int) -> [Int] {
        var chosen: [Int] = []
        var rest = excess
        let weights = holders.map(\.weight)
        for place in holders.indices.sorted(by: { weights[$0] > weights[$1] }) {
            guard rest > 0 else { break }
            guard holders[place].bytes > 0 else { continue }
            rest -= holders[place].bytes
            chosen.append(place)
        }
        return chosen
    }

    // MARK: Memory that is free

    mutating func connectionGone() {
        goneSinceTrim += 1
    }

    /// True if a timer must be set for `trim`: something has been freed, or is kept for reuse, and none is set yet.
    mutating func needsTrimTimer() -> Bool {
        guard !hasTrimTimer, freeBytes > 0 || hasMuchToGiveBack else { return false }
        hasTrimTimer = true
        return true
    }

    /// The bytes in use, in buffers and by the handler.
    private var held: Int { recorded + handlerBytes }

    private var hasMuchToGiveBack: Bool {
        goneSinceTrim >= TransportSettings.connectionsPerTrim || peak - held >= TransportSettings.bytesPerTrim
    }

    /// Notes that the timer has fired.
    ///
    /// - Returns: true if free memory should be given back to the system: while much of it is in use, it soon would be
    ///   needed again.
    mutating func trimTimerFired() -> Bool {
        hasTrimTimer = false
        guard hasMuchToGiveBack, held <= peak / 2 else { return false }
        goneSinceTrim = 0
        peak = held
        return true
    }
}
