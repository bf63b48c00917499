internal import NIOCore
internal import RelayCore

/// Sends probes to siblings, and remembers which of them were silent.
///
/// A sibling that let a probe time out is a suspect until it answers anything. Lookups do not wait long for suspects,
/// which would leave one that is merely slow a suspect for ever: so one probe of each is allowed to outlive its lookup.
/// Loop-bound.
final class PeerProber {
    private let loop: any EventLoop
    private let maxProbes: Int
    private let journal: ClusterJournal
    private var reserved = 0
    private var running: [ObjectIdentifier: Probe] = [:]
    /// Each suspect, with the probe that waits for a sign of life.
    private var silent: [InstanceID: Probe?] = [:]
    /// Called when a sibling has become a suspect.
    var onSuspect: (InstanceID) -> Void = { _ in }

    init(on loop: any EventLoop, maxProbes: Int, journal: ClusterJournal) {
        self.loop = loop
        self.maxProbes = maxProbes
        self.journal = journal
    }

    var suspects: some Collection<InstanceID> { silent.keys }

    /// Sets so many probes aside for one lookup; false if they would be too many with all others.
    func reserve(_ count: Int) -> Bool {
        guard reserved + count <= maxProbes else { return false }
        reserved += count
        return true
    }

    func release(_ count: Int) {
        reserved -= count
    }

    /// Asks one sibling. `onEnd` is called exactly once.
    func probe(
        _ code: RoomCode, of sibling: InstanceID, at address: SocketAddress, deadline: NIODeadline,
        onEnd: @escaping (ProbeOutcome) -> Void
    ) -> Probe {
        let probe = Probe(code, of: sibling, at: address)
        running[ObjectIdentifier(probe)] = probe
        probe.start(at: address, on: loop, deadline: deadline) { [weak self] outcome in
            self?.ended(probe, outcome)
            onEnd(outcome)
        }
        return probe
    }

    /// A lookup that is over needs this probe no more.
    func giveUp(_ probe: Probe) {
        if case .some(nil) = silent[probe.sibling] {
            silent[probe.sibling] = probe
        } else {
            probe.end(.cancelled)
        }
    }

    /// Nothing came from this sibling in the time of a lookup, be it for want of an address.
    func suspect(_ sibling: InstanceID) {
        guard silent.updateValue(silent[sibling] ?? nil, forKey: sibling) == nil else { return }
        onSuspect(sibling)
    }

    /// Machines come and go; suspicion ends with the machine.
    func forgetSuspects(except siblings: [InstanceID]) {
        guard !silent.isEmpty else { return }
        let siblings = Set(siblings)
        silent = silent.filter { siblings.contains($0.key) }
    }

    func stop() {
        for probe in running.values { probe.end(.cancelled) }
    }

    private func ended(_ probe: Probe, _ outcome: ProbeOutcome) {
        running[ObjectIdentifier(probe)] = nil
        journal.probeEnded(probe.sibling, outcome)
        if case .some(.some(let waiting)) = silent[probe.sibling], waiting === probe {
            silent[probe.sibling] = .some(nil)
        }
        switch outcome {
        case .found, .notFound, .failed: silent[probe.sibling] = nil
        case .timedOut: suspect(probe.sibling)
        case .cancelled: break
        }
    }
}
