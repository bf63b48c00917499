/// The end of a loop that is under way: who is to be closed when, and when the loop stops whoever is still there.
struct LoopDrain {
    private let mode: ShutdownMode
    private let schedule: ShutdownSchedule
    private let beganAt: UInt64
    /// When the loop ends, whoever is still there.
    private var endsAt: UInt64
    /// Whether everybody has been closed.
    private(set) var isOver = false

    /// - Parameters:
    ///   - clients: connections in service at the beginning.
    ///   - loop: this loop's place among so many.
    init(_ mode: ShutdownMode, clients: Int, loop: Int, of loops: Int, now: UInt64) {
        self.mode = mode
        schedule = ShutdownSchedule(count: clients, span: mode.span, place: loop, places: loops)
        beganAt = now
        endsAt = now + mode.span + mode.patience
    }

    /// What a loop that ends is to do now.
    enum Step: Equatable {
        /// Close so many of the clients, and look again in a moment.
        case close(Int)
        /// Close everybody: the time is over, or no client is left.
        case closeAll
    }

    /// - Parameter staying: clients that are still in service.
    func step(staying: Int, now: UInt64) -> Step {
        let elapsed = now - beganAt
        // Another loop may just have posted one more, before it was told to stop.
        let isDeserted = staying == 0 && elapsed >= TransportSettings.shutdownStep
        guard elapsed < mode.span, !isDeserted else { return .closeAll }
        return .close(max(staying - (schedule.count - schedule.gone(after: elapsed)), 0))
    }

    /// Everybody has been closed; from now on their peers are waited for.
    mutating func closedAll(now: UInt64) {
        isOver = true
        endsAt = now + mode.patience
    }

    /// Whether all is done that there was to do.
    func hasStopped(connections: Int, now: UInt64) -> Bool {
        isOver && connections == 0 || now >= endsAt
    }

    /// The moment by which the loop is to look again.
    var deadline: UInt64 { endsAt }
}
