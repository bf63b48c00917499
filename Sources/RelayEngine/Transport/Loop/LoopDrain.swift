/// The shutdown of a loop in progress: when each connection is closed, and when the loop ends at the latest.
struct LoopDrain {
    private let mode: ShutdownMode
    private let schedule: ShutdownSchedule
    private let beganAt: UInt64
    /// The moment at which the loop ends, even with connections left.
    private var endsAt: UInt64
    /// True once every connection has been told to close.
    private(set) var isOver = false

    /// - Parameters:
    ///   - clients: connections in service at the beginning.
    ///   - loop: the index of this loop among `loops`.
    init(_ mode: ShutdownMode, clients: Int, loop: Int, of loops: Int, now: UInt64) {
        self.mode = mode
        schedule = ShutdownSchedule(count: clients, span: mode.span, place: loop, places: loops)
        beganAt = now
        endsAt = now + mode.span + mode.patience
    }

    /// The next step of the shutdown.
    enum Step: Equatable {
        /// Close this many of the clients, and continue in a moment.
        case close(Int)
        /// Close all connections: the time is over, or no client is left.
        case closeAll
    }

    /// - Parameter staying: clients that are still in service.
    func step(staying: Int, now: UInt64) -> Step {
        let elapsed = now - beganAt
        // Another loop may have posted one more connection just before it was told to stop.
        let isDeserted = staying == 0 && elapsed >= TransportSettings.shutdownStep
        guard elapsed < mode.span, !isDeserted else { return .closeAll }
        return .close(max(staying - (schedule.count - schedule.gone(after: elapsed)), 0))
    }

    /// Notes that all connections have been told to close; from now on the loop waits for their peers.
    mutating func closedAll(now: UInt64) {
        isOver = true
        endsAt = now + mode.patience
    }

    /// True if no connection is left, or the time is over.
    func hasStopped(connections: Int, now: UInt64) -> Bool {
        isOver && connections == 0 || now >= endsAt
    }

    /// The moment by which the loop must wake up.
    var deadline: UInt64 { endsAt }
}
