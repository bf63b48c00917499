internal import NIOCore
internal import RelayCore

/// One question to many machines, each on a connection of its own.
///
/// Loop-bound. Each machine's outcome is reported at most once. A round that has ended reports nothing more and leaves
/// nothing behind.
final class ProbeRound {
    /// A machine that has been asked and has not answered.
    private struct Pending {
        let onEnd: (ProbeOutcome) -> Void
        /// Nil while the addresses are looked up, or there is no free socket.
        var attempts: FirstAnswer?
    }

    private let question: ProbeQuestion
    private let directory: PeerDirectory
    private let sockets: SocketBudget
    private let times: ConnectionTimes
    private let loop: any EventLoop
    private var pending: [InstanceID: Pending] = [:]

    init(
        _ question: ProbeQuestion, in directory: PeerDirectory, sockets: SocketBudget, times: ConnectionTimes,
        on loop: any EventLoop
    ) {
        self.question = question
        self.directory = directory
        self.sockets = sockets
        self.times = times
        self.loop = loop
    }

    /// Asks one machine. `onEnd` may be called at once.
    func ask(_ machine: InstanceID, onEnd: @escaping (ProbeOutcome) -> Void) {
        pending[machine] = Pending(onEnd: onEnd)
        directory.addresses(of: machine, for: self) { self.located(machine, at: $0) }
    }

    /// Gives up on a machine that has not answered: it has timed out.
    func timeOut(_ machine: InstanceID) {
        directory.forget(self, waitingFor: machine)
        if let attempts = pending[machine]?.attempts { attempts.end(.timedOut) } else { ended(machine, .timedOut) }
    }

    /// Ends the round, and everything that it waits for.
    func end() {
        directory.forget(self, waitingFor: pending.keys)
        let attempts = pending.values.compactMap(\.attempts)
        pending = [:]
        for attempts in attempts { attempts.end(.cancelled) }
    }

    private func located(_ machine: InstanceID, at addresses: [SocketAddress]?) {
        guard pending[machine] != nil else { return }
        guard let addresses else { return ended(machine, .failed(.noAddress)) }
        guard sockets.take() else { return ended(machine, .failed(.noSocket)) }
        let attempts = FirstAnswer(
            question, of: machine, at: addresses, isKept: false, sockets: sockets, times: times, on: loop)
        pending[machine]?.attempts = attempts
        attempts.start { [weak self] answer, _ in self?.ended(machine, answer.outcome) }
    }

    private func ended(_ machine: InstanceID, _ outcome: ProbeOutcome) {
        pending.removeValue(forKey: machine)?.onEnd(outcome)
    }
}
