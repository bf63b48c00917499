internal import Glibc
internal import RelayEngine

/// The state machine of a shutdown, from the first signal to the end of the process.
///
/// A value, so that late and repeated events are tested by a table and not by timing.
struct ShutdownCourse: Sendable {
    enum Event: Hashable, Sendable {
        case signal(Int32)
        /// SIGHUP because the terminal has gone, which comes more than once.
        case hangUp
        /// A drain is under way, and no room is left.
        case empty
        /// Balancers have had their time to see that the machine drains.
        case delayIsOver
        /// The rooms that other machines have taken are gone, and their players have had the time to follow.
        case followed
        /// All rooms are kept for the next start.
        case kept
        /// Whoever is in a room sits at this computer, and so does whoever has asked for the end.
        case onlyHere
        /// The drain has reached its time limit.
        case timeIsUp
        /// The engine has ended.
        case stopped
    }

    enum Action: Hashable, Sendable {
        /// Refuse new rooms because of this signal. Report when the last room has gone, when the delay is over, and when
        /// the time is up.
        case drain(Int32)
        /// Close all connections in this way; report when the engine has ended.
        case end(ShutdownMode, Reason)
        /// Nothing is left to wait for.
        case finish
    }

    /// The reason for the end of a drain, as logged.
    enum Reason: String, Sendable {
        case empty
        case kept = "rooms kept"
        case timeIsUp = "time is up"
        case onlyHere = "only clients of this computer"
        case secondSignal = "second signal"
    }

    private enum State {
        case running, draining, ending
    }

    /// The way to close the remaining connections when the time is up.
    private let spread: ShutdownMode
    private var state = State.running
    /// What must have happened for a drain to end by itself.
    private var awaited: Set<Event>
    /// The second signal, which cut the shutdown short.
    private(set) var lastSignal: Int32?

    /// - Parameters:
    ///   - isDelayed: true if an empty machine goes on answering until `delayIsOver`.
    ///   - handsOver: true if other machines may take the rooms: it goes on answering until `followed`.
    init(spread: ShutdownMode, isDelayed: Bool, handsOver: Bool = false) {
        self.spread = spread
        awaited = [.empty]
        if isDelayed { awaited.insert(.delayIsOver) }
        if handsOver { awaited.insert(.followed) }
    }

    mutating func handle(_ event: Event) -> Action? {
        switch (event, state) {
        case (.signal(let signal), .running):
            state = .draining
            return .drain(signal)
        case (.hangUp, .running):
            state = .draining
            return .drain(SIGHUP)
        case (.signal(let signal), .draining), (.signal(let signal), .ending):
            guard lastSignal == nil else { return nil }
            lastSignal = signal
            state = .ending
            return .end(.hasty, .secondSignal)
        case (.empty, .draining), (.delayIsOver, .draining), (.followed, .draining):
            awaited.remove(event)
            guard awaited.isEmpty else { return nil }
            state = .ending
            return .end(.atOnce, .empty)
        case (.kept, .draining):
            state = .ending
            return .end(.brief, .kept)
        case (.onlyHere, .draining):
            state = .ending
            return .end(.brief, .onlyHere)
        case (.timeIsUp, .draining):
            state = .ending
            return .end(spread, .timeIsUp)
        case (.stopped, _):
            return .finish
        case (.hangUp, _), (.empty, _), (.delayIsOver, _), (.followed, _), (.kept, _), (.onlyHere, _), (.timeIsUp, _):
            return nil
        }
    }
}
