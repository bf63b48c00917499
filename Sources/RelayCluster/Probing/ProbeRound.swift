internal import NIOCore
internal import RelayCore

/// One question to many machines, on behalf of one lookup: for each the address from the directory, then the probe.
///
/// Loop-bound. Each machine's outcome is reported at most once. A round that has ended reports nothing more and leaves
/// nothing behind, except probes that its owner chose to keep.
final class ProbeRound {
    typealias StartProbe = (Probe, _ onEnd: @escaping (ProbeOutcome) -> Void) -> Void

    /// A machine that has been asked and has not answered.
    private struct Pending {
        let onEnd: (ProbeOutcome) -> Void
        /// Nil while the address is looked up.
        var probe: Probe?
    }

    private let question: ProbeQuestion
    private let directory: PeerDirectory
    private let startProbe: StartProbe
    private var pending: [InstanceID: Pending] = [:]

    init(_ question: ProbeQuestion, in directory: PeerDirectory, startProbe: @escaping StartProbe) {
        self.question = question
        self.directory = directory
        self.startProbe = startProbe
    }

    /// Asks one machine. `onEnd` may be called at once.
    func ask(_ machine: InstanceID, onEnd: @escaping (ProbeOutcome) -> Void) {
        pending[machine] = Pending(onEnd: onEnd)
        directory.address(of: machine, for: self) { self.located(machine, at: $0) }
    }

    /// Gives up on a machine that has not answered: it has timed out.
    func timeOut(_ machine: InstanceID) {
        directory.forget(self, waitingFor: machine)
        if let probe = pending[machine]?.probe { probe.end(.timedOut) } else { ended(machine, .timedOut) }
    }

    /// Gives up on all machines that have been probed and have not answered.
    func timeOutProbes() {
        for machine in pending.values { machine.probe?.end(.timedOut) }
    }

    /// Ends the round, and everything that it waits for.
    ///
    /// - Parameter endProbe: ends a probe under way, or keeps it for another purpose.
    func end(_ endProbe: (Probe) -> Void = { $0.end(.cancelled) }) {
        directory.forget(self, waitingFor: pending.keys)
        for machine in pending.values { machine.probe.map(endProbe) }
        pending = [:]
    }

    private func located(_ machine: InstanceID, at address: SocketAddress?) {
        guard pending[machine] != nil else { return }
        guard let address else { return ended(machine, .failed(.noAddress)) }
        let probe = Probe(question, of: machine, at: address)
        pending[machine]?.probe = probe
        startProbe(probe) { [weak self] in self?.ended(machine, $0) }
    }

    private func ended(_ machine: InstanceID, _ outcome: ProbeOutcome) {
        pending.removeValue(forKey: machine)?.onEnd(outcome)
    }
}
