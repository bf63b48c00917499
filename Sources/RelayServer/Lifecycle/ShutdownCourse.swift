internal import RelayEngine

/// The way from the first signal to the end of the process: what happens, and what that calls for.
///
/// A value, so that what a late or repeated event does is a table and not a matter of timing.
struct ShutdownCourse: Sendable {
    enum Event: Hashable, Sendable {
        case signal(Int32)
        /// The drain has begun, and no room is left.
        case empty
        /// The drain has taken as long as it may.
        case timeIsUp
        /// The engine has ended.
        case stopped
    }

    enum Action: Hashable, Sendable {
        /// Refuse new rooms, and tell when the last has gone and when the time is up.
        case drain
        /// Let go of all connections in this manner, and tell when the engine has ended.
        case end(ShutdownMode, Reason)
        /// There is nothing left to wait for.
        case finish
    }

    /// Why a drain is over, as the log tells it.
    enum Reason: String, Sendable {
        case empty
        case timeIsUp = "time is up"
        case secondSignal = "second signal"
    }

    private enum State {
        case running, draining, ending
    }

    /// Over which those are closed who are still there when the time is up.
    private let spread: ShutdownMode
    private var state = State.running
    /// The second signal: the one that has ended it all at once.
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
