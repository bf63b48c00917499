internal import NIOCore
internal import RelayCore

/// Sends probes to siblings, and remembers which of them were silent.
///
/// A sibling that let a probe time out is a suspect until it answers anything. Lookups do not wait long for suspects,
/// which would leave one that is merely slow a suspect for ever: so one probe of each may outlive its lookup, as its
/// watch. Loop-bound.
final class PeerProber {
    private let loop: any EventLoop
    private let maxProbes: Int
    private let telemetry: ClusterTelemetry
    private var reserved = 0
    private var running: [ObjectIdentifier: Probe] = [:]
    private(set) var suspects: Set<InstanceID> = [] {
        didSet { if suspects.count != oldValue.count { telemetry.suspectsChanged(to: suspects.count) } }
    }
    private var watches: [InstanceID: Probe] = [:]
    /// Called when a sibling has become a suspect.
    var onSuspect: (InstanceID) -> Void = { _ in }

    init(on loop: any EventLoop, maxProbes: Int, telemetry: ClusterTelemetry) {
        self.loop = loop
        self.maxProbes = maxProbes
        self.telemetry = telemetry
    }

    /// Sets so many probes aside for one lookup; false if they would be too many with all others.
    func reserve(_ count: Int) -> Bool {
        guard reserved + watches.count + count <= maxProbes else { return false }
        reserved += count
        return true
    }

    func release(_ count: Int) {
        reserved -= count
    }

    /// Asks one sibling. `onEnd` is called exactly once.
    func start(_ probe: Probe, deadline: NIODeadline, onEnd: @escaping (ProbeOutcome) -> Void) {
        running[ObjectIdentifier(probe)] = probe
        probe.start(on: loop, deadline: deadline) { [weak self] outcome in
            self?.ended(probe, outcome)
            onEnd(outcome)
        }
    }

    /// A lookup has waited for this probe long enough: it becomes the suspect's watch, or ends.
    func giveUp(_ probe: Probe) {
        if suspects.contains(probe.machine), watches[probe.machine] == nil {
            watches[probe.machine] = probe
        } else {
            probe.end(.cancelled)
        }
    }

    /// Nothing came from this sibling in the time of a lookup, be it for want of an address.
    func suspect(_ sibling: InstanceID) {
        if suspects.insert(sibling).inserted { onSuspect(sibling) }
    }

    /// Machines come and go; suspicion ends with the machine.
    func forgetSuspects(except siblings: [InstanceID]) {
        if !suspects.isEmpty { suspects.formIntersection(siblings) }
    }

    /// Ends all probes.
    func stop() {
        for probe in running.values { probe.end(.cancelled) }
    }

    private func ended(_ probe: Probe, _ outcome: ProbeOutcome) {
        running[ObjectIdentifier(probe)] = nil
        if watches[probe.machine] === probe { watches[probe.machine] = nil }
        telemetry.probeEnded(probe.machine, outcome)
        switch outcome {
        case .found, .notFound, .failed: suspects.remove(probe.machine)
        case .timedOut: suspect(probe.machine)
        case .cancelled: break
        }
    }
}
