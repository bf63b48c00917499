internal import Glibc
internal import RelayLimits

/// One loop's use of a listening socket.
struct Acceptor {
    let role: ListenerRole
    private let listener: Listener
    /// The most sockets that may be open at this port, all loops together; 0 for no bound.
    private let maxSockets: Int
    private let sockets: SocketCounters
    private var state = ListenerState.idle

    init(_ listener: Listener, role: ListenerRole, maxSockets: Int, sockets: SocketCounters) {
        self.listener = listener
        self.role = role
        self.maxSockets = maxSockets
        self.sockets = sockets
    }

    /// The state of a listening socket in its loop.
    private enum ListenerState {
        /// Not watched: the loop has not begun to accept.
        case idle
        case watching
        /// Not watched until a timer fires: descriptors or memory are short.
        case resting
        /// Not watched any more: the loop ends.
        case ended
    }

    var port: Int { listener.port }
    var descriptor: Int32 { listener.descriptor }

    /// True if one more socket may be accepted. Each loop checks before it accepts, so the bound may be passed by as
    /// many sockets as there are loops.
    var hasRoom: Bool { maxSockets == 0 || sockets.current(role) < maxSockets }

    mutating func start(on poller: borrowing Poller) throws(SystemError) {
        guard state == .idle || state == .resting else { return }
        do throws(SystemError) {
            try poller.add(listener.descriptor, for: .listener(role), interest: [.readable, .exclusive])
        } catch {
            // The kernel has failed to end watching when the rest began.
            guard error.code == EEXIST else { throw error }
        }
        state = .watching
    }

    /// False if a client is reported though the listener is not to be watched: the kernel has failed to end that, and
    /// is asked again.
    func mayAccept(on poller: borrowing Poller) -> Bool {
        if state != .watching { poller.remove(listener.descriptor) }
        return state == .watching
    }

    /// Ends accepting for good.
    mutating func stop(on poller: borrowing Poller) {
        if state == .watching { poller.remove(listener.descriptor) }
        state = .ended
    }

    /// Pauses accepting, instead of spinning; new clients wait in the kernel's queue.
    ///
    /// - Returns: true if the caller must set a timer that starts it again. A second timer would renew itself for ever.
    mutating func rest(on poller: borrowing Poller) -> Bool {
        guard state == .watching else { return false }
        poller.remove(listener.descriptor)
        state = .resting
        return true
    }

    /// Accepts the next client.
    ///
    /// - Parameter isFirst: true for the first of the turn, for which a client is known to wait; after the last one
    ///   that fits, none may be waiting.
    func accept(isFirst: Bool) -> Listener.AcceptOutcome {
        guard hasRoom else { return isFirst ? .exhausted(SystemError("accept4", code: EMFILE)) : .nothing }
        return listener.accept()
    }
}
