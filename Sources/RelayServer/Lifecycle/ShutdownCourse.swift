internal import RelayEngine

/// The state machine of a shutdown, from the first signal to the end of the process.
///
/// A value, so that late and repeated events are tested by a table and not by timing.
struct ShutdownCourse: Sendable {
    enum Event: Hashable, Sendable {
        case signal(Int32)
        /// A drain is under way, and no room is left.
        case empty
        /// The drain has reached its time limit.
        case timeIsUp
        /// The engine has ended.
        case stopped
    }

    enum Action: Hashable, Sendable {
        /// Refuse new rooms; report when the last room has gone, and when the time is up.
        case drain
        /// Close all connections in this way; report when the engine has ended.
        case end(ShutdownMode, Reason)
        /// Nothing is left to wait for.
        case finish
    }

    /// The reason for the end of a drain, as logged.
    enum Reason: String, Sendable {
        case empty
        case timeIsUp = "time is up"
        case secondSignal = "second signal"
    }

    private enum State {
        case running, draining, ending
    }

    /// The way to close the remaining connections when the time is up.
    private let spread: ShutdownMode
    private var state = State.running
    /// The second signal, which cut the shutdown short.
    private(set) var lastSignal: Int32?

    init(spread: ShutdownMode) {
        self.spread = spread
    }

    mutating func handle(_ event: Event) -> Action? {
        switch (event, state) {
        case (.signal, .running):
            state = .draining
            return .drain
        case (.signal(let signal), .draining), (.signal(let signal), .ending):
            guard lastSignal == nil else { return nil }
            lastSignal = signal
            state = .ending
            return .end(.hasty, .secondSignal)
        case (.empty, .draining):
            state = .ending
            return .end(.atOnce, .empty)
        case (.timeIsUp, .draining):
            state = .ending
            return .end(spread, .timeIsUp)
        case (.stopped, _):
            return .finish
        case (.empty, _), (.timeIsUp, _):
            return nil
        }
    }
}
