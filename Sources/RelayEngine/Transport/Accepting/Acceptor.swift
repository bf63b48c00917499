internal import Glibc
internal import RelayLimits

/// A listening socket as one loop sees it.
struct Acceptor {
    let role: ListenerRole
    private let listener: Listener
    /// Sockets that may be open at this port, all loops together; 0 for no bound.
    private let maxSockets: Int
    private let sockets: SocketCounters
    private var state = ListenerState.idle

    init(_ listener: Listener, role: ListenerRole, maxSockets: Int, sockets: SocketCounters) {
        self.listener = listener
        self.role = role
        self.maxSockets = maxSockets
        self.sockets = sockets
    }

    /// What a loop does with a listening socket.
    private enum ListenerState {
        /// Nothing: it has not begun, or it ends.
        case idle
        case watching
        /// Descriptors or memory are short; a timer will have it watched again.
        case resting
    }

    var port: Int { listener.port }

    /// Whether one more socket may come in. Approximate by as many as there are loops, since each asks before it accepts.
    var hasRoom: Bool { maxSockets == 0 || sockets.current(role) < maxSockets }

    mutating func start(on poller: borrowing Poller) throws(SystemError) {
        guard state != .watching else { return }
        try poller.add(listener.descriptor, for: .listener(role), interest: [.readable, .exclusive])
        state = .watching
    }

    mutating func stop(on poller: borrowing Poller) {
        if state == .watching { poller.remove(listener.descriptor) }
        state = .idle
    }

    /// Leaves the next clients in the kernel's queue for a moment, instead of spinning.
    ///
    /// - Returns: whether a timer is to be set that starts it again. A second one would set itself again for ever.
    mutating func rest(on poller: borrowing Poller) -> Bool {
        guard state == .watching else { return false }
        poller.remove(listener.descriptor)
        state = .resting
        return true
    }

    /// Takes in the next client.
    ///
    /// - Parameter isFirst: the first of the turn. Behind the last that had room nobody may be waiting.
    func accept(isFirst: Bool) -> Listener.AcceptOutcome {
        guard hasRoom else { return isFirst ? .exhausted(SystemError("accept4", code: EMFILE)) : .nothing }
        return listener.accept()
    }
}
