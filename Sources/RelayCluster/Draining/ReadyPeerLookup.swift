internal import NIOCore
internal import RelayCore

/// One search for a machine that takes new games, from the DNS to the first yes.
///
/// Loop-bound. It ends within its time, tells so exactly once, and leaves nothing behind. Its probes are its own: what a
/// machine says of readiness, or does not say, is no news for the search for rooms.
final class ReadyPeerLookup {
    private let directory: PeerDirectory
    private let loop: any EventLoop
    private let limits: ClusterLimits
    private let deadline: NIODeadline
    private let telemetry: ClusterTelemetry
    private var search: ReadyPeerSearch
    private var probes: [InstanceID: Probe] = [:]
    /// One for each machine that has been asked and has not answered.
    private var timers: [InstanceID: Scheduled<Void>] = [:]
    private var timeLimit: Scheduled<Void>?
    private var onEnd: ((Bool) -> Void)?

    init(in directory: PeerDirectory, on loop: any EventLoop, limits: ClusterLimits, telemetry: ClusterTelemetry) {
        self.directory = directory
        self.loop = loop
        self.limits = limits
        self.telemetry = telemetry
        deadline = .now() + limits.readyPeerLookup
        search = ReadyPeerSearch(atOnce: limits.readinessProbesAtOnce)
    }

    func start(onEnd: @escaping (Bool) -> Void) {
        self.onEnd = onEnd
        timeLimit = loop.assumeIsolated().scheduleTask(deadline: deadline) { self.end(false) }
        directory.others(for: self) { self.perform(self.search.listed($0)) }
    }

    /// Ends the search with this answer, unless it has ended before.
    func end(_ answer: Bool) {
        guard let onEnd else { return }
        self.onEnd = nil
        timeLimit?.cancel()
        directory.forget(self, waitingFor: timers.keys)
        for timer in timers.values { timer.cancel() }
        for probe in probes.values { probe.end(.cancelled) }
        onEnd(answer)
    }

    private func perform(_ action: ReadyPeerSearch.Action) {
        guard onEnd != nil else { return }
        switch action {
        case .end(let answer): end(answer)
        case .ask(let machines): for machine in machines where onEnd != nil { ask(machine) }
        }
    }

    private func ask(_ machine: InstanceID) {
        timers[machine] = loop.assumeIsolated().scheduleTask(in: limits.readinessProbe) { self.timedOut(machine) }
        directory.address(of: machine, for: self) { self.located(machine, at: $0) }
    }

    private func located(_ machine: InstanceID, at address: SocketAddress?) {
        guard onEnd != nil else { return }
        guard let address else { return answered(machine, .failed(.noAddress)) }
        let probe = Probe(.readiness, of: machine, at: address)
        probes[machine] = probe
        probe.start(on: loop, deadline: deadline) { [weak self] in self?.answered(machine, $0) }
    }

    private func timedOut(_ machine: InstanceID) {
        directory.forget(self, waitingFor: machine)
        if let probe = probes[machine] { probe.end(.timedOut) } else { answered(machine, .timedOut) }
    }

    private func answered(_ machine: InstanceID, _ outcome: ProbeOutcome) {
        probes[machine] = nil
        timers.removeValue(forKey: machine)?.cancel()
        telemetry.readinessTold(machine, outcome)
        perform(search.answered(machine, outcome))
    }
}
