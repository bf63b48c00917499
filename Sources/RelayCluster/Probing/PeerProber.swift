internal import NIOCore
internal import RelayCore

/// Sends probes to siblings, and keeps track of silent ones.
///
/// A sibling whose probe has timed out is a suspect until it answers anything. Lookups wait only briefly for
/// suspects, so a sibling that is merely slow would stay a suspect for ever: therefore one probe of each may outlive
/// its lookup, as the suspect's watch. Loop-bound.
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
    /// Called when a sibling becomes a suspect.
    var onSuspect: (InstanceID) -> Void = { _ in }

    init(on loop: any EventLoop, maxProbes: Int, telemetry: ClusterTelemetry) {
        self.loop = loop
        self.maxProbes = maxProbes
        self.telemetry = telemetry
    }

    /// Reserves probes for one lookup; false if all lookups together would have too many.
    func reserve(_ count: Int) -> Bool {
        guard reserved + watches.count + count <= maxProbes else { return false }
        reserved += count
        return true
    }

    func release(_ count: Int) {
        reserved -= count
    }

    /// Starts a probe. `onEnd` is called exactly once.
    func start(_ probe: Probe, deadline: NIODeadline, onEnd: @escaping (ProbeOutcome) -> Void) {
        running[ObjectIdentifier(probe)] = probe
        probe.start(on: loop, deadline: deadline) { [weak self] outcome in
            self?.ended(probe, outcome)
            onEnd(outcome)
        }
    }

    /// Takes over a probe that its lookup no longer waits for: it becomes the suspect's watch, or ends.
    func giveUp(_ probe: Probe) {
        if suspects.contains(probe.machine), watches[probe.machine] == nil {
            watches[probe.machine] = probe
        } else {
            probe.end(.cancelled)
        }
    }

    /// Makes a suspect of a sibling that was silent for the time of a lookup, or had no address.
    func suspect(_ sibling: InstanceID) {
        if suspects.insert(sibling).inserted { onSuspect(sibling) }
    }

    /// Drops suspects that are no longer listed.
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
