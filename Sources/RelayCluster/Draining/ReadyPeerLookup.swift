internal import NIOCore
internal import RelayCore

/// A lookup of a machine that takes new games, from the DNS to the first yes.
///
/// Loop-bound. It ends within its time limit, reports its result exactly once, and leaves nothing behind. Its probes
/// do not affect the search for rooms: a machine that is silent here does not become a suspect.
final class ReadyPeerLookup {
    private let directory: PeerDirectory
    private let loop: any EventLoop
    private let limits: ClusterLimits
    private let deadline: NIODeadline
    private let round: ProbeRound
    private let telemetry: ClusterTelemetry
    private var search: ReadyPeerSearch
    /// The time limits of machines that have been asked and have not answered.
    private var timers: [InstanceID: Scheduled<Void>] = [:]
    private var timeLimit: Scheduled<Void>?
    private var onEnd: ((Bool) -> Void)?

    init(
        in directory: PeerDirectory, limits: ClusterLimits, sockets: SocketBudget, on loop: any EventLoop,
        telemetry: ClusterTelemetry
    ) {
        self.directory = directory
        self.loop = loop
        self.limits = limits
        self.telemetry = telemetry
        deadline = .now() + limits.readyPeerLookup
        round = ProbeRound(.readiness, in: directory, sockets: sockets, times: limits.connections, on: loop)
        search = ReadyPeerSearch(atOnce: limits.readinessProbesAtOnce)
    }

    func start(onEnd: @escaping (Bool) -> Void) {
        self.onEnd = onEnd
        timeLimit = loop.assumeIsolated().scheduleTask(deadline: deadline) { self.end(false) }
        directory.others(for: round) { self.perform(self.search.listed($0)) }
    }

    /// Ends the lookup with this answer, unless it has ended before.
    func end(_ answer: Bool) {
        guard let onEnd else { return }
        self.onEnd = nil
        timeLimit?.cancel()
        for timer in timers.values { timer.cancel() }
        round.end()
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
        timers[machine] = loop.assumeIsolated().scheduleTask(in: limits.readinessProbe) { self.round.timeOut(machine) }
        round.ask(machine) { self.answered(machine, $0) }
    }

    private func answered(_ machine: InstanceID, _ outcome: ProbeOutcome) {
        timers.removeValue(forKey: machine)?.cancel()
        telemetry.readinessTold(machine, outcome)
        perform(search.answered(machine, outcome))
    }
}
