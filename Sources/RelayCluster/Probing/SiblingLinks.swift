internal import NIOCore
internal import RelayCore

/// The links to all siblings, and which of them are silent.
///
/// A sibling that is silent for much longer than usual is a suspect until it answers anything: lookups wait only briefly
/// for suspects. Loop-bound.
final class SiblingLinks {
    private let loop: any EventLoop
    private let limits: ClusterLimits
    private let directory: PeerDirectory
    private let telemetry: ClusterTelemetry
    private let sockets: SocketBudget
    /// For all waits for a sibling.
    let timers: FairTimers
    private var links: [InstanceID: SiblingLink] = [:]
    private var listed: [InstanceID] = []
    private(set) var suspects: Set<InstanceID> = [] {
        didSet { if suspects.count != oldValue.count { telemetry.suspectsChanged(to: suspects.count) } }
    }
    /// Called when a sibling becomes a suspect.
    var onSuspect: (InstanceID) -> Void = { _ in }

    /// - Parameter sockets: shared with all that asks other machines.
    init(
        in directory: PeerDirectory, limits: ClusterLimits, sockets: SocketBudget, on loop: any EventLoop,
        telemetry: ClusterTelemetry
    ) {
        self.directory = directory
        self.limits = limits
        self.sockets = sockets
        timers = FairTimers(on: loop)
        self.loop = loop
        self.telemetry = telemetry
        sockets.onShortage = { [weak self] in _ = self?.links.values.first { $0.releaseIfIdle() } }
    }

    /// Asks a sibling for a room. The outcome may be told at once.
    ///
    /// - Parameter freshness: how old the sibling's addresses may be.
    func ask(
        _ sibling: InstanceID, for code: RoomCode, _ purpose: SiblingQuestion.Purpose, freshness: Freshness = .usual,
        onEnd: @escaping (ProbeOutcome) -> Void
    ) -> SiblingQuestion {
        let question = SiblingQuestion(code, purpose)
        question.onEnd = { [telemetry, unowned question] outcome in
            if question.hasLeft || outcome != .cancelled { telemetry.probeEnded(sibling, outcome) }
            onEnd(outcome)
        }
        link(to: sibling).ask(question, freshness: freshness)
        return question
    }

    /// The time after which this sibling's answer is late.
    func patience(with sibling: InstanceID) -> TimeAmount { link(to: sibling).patience }

    /// True if the sibling has answered others within this time, and so is at work.
    func isAnswering(_ sibling: InstanceID, within time: TimeAmount) -> Bool {
        links[sibling]?.hasAnswered(within: time) ?? false
    }

    /// Drops the links and suspects of machines that are no longer listed.
    func forget(except siblings: [InstanceID]) {
        guard siblings != listed else { return }
        listed = siblings
        let siblings = Set(siblings)
        suspects.formIntersection(siblings)
        for link in links.values where !siblings.contains(link.sibling) && !link.isBusy {
            link.stop()
            links[link.sibling] = nil
        }
    }

    /// Ends all questions and connections.
    func stop() {
        for link in links.values { link.stop() }
        links = [:]
    }

    private func link(to sibling: InstanceID) -> SiblingLink {
        if let link = links[sibling] { return link }
        let link = SiblingLink(
            to: sibling, in: directory, limits: limits, sockets: sockets, timers: timers, on: loop,
            telemetry: telemetry)
        link.onSuspicion = { [unowned self] link in suspicionChanged(of: link) }
        links[sibling] = link
        return link
    }

    private func suspicionChanged(of link: SiblingLink) {
        guard link.isSuspect else {
            suspects.remove(link.sibling)
            return
        }
        if suspects.insert(link.sibling).inserted { onSuspect(link.sibling) }
    }
}
