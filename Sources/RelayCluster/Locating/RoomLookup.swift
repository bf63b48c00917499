internal import NIOCore
internal import RelayCore

/// A lookup of one room on all siblings at once, from the DNS to the first decisive answer.
///
/// Loop-bound. It ends within its time limit, reports its result exactly once, and leaves nothing behind but the
/// watches of `PeerProber`.
final class RoomLookup {
    let code: RoomCode
    private let directory: PeerDirectory
    private let prober: PeerProber
    private let loop: any EventLoop
    private let limits: ClusterLimits
    let began: NIODeadline
    private let deadline: NIODeadline
    private let round: ProbeRound
    private var search = RoomSearch()
    private var siblings: [InstanceID] = []
    private var timers: [Scheduled<Void>] = []
    private var onEnd: ((ClusterStatistics.LookupResult, InstanceID?) -> Void)?

    /// The number of siblings asked.
    var siblingCount: Int { siblings.count }

    init(
        _ code: RoomCode, in directory: PeerDirectory, with prober: PeerProber, on loop: any EventLoop,
        limits: ClusterLimits
    ) {
        self.code = code
        self.directory = directory
        self.prober = prober
        self.loop = loop
        self.limits = limits
        began = .now()
        deadline = began + limits.lookup
        round = ProbeRound(.room(code), in: directory) { [deadline] in
            prober.start($0, deadline: deadline, onEnd: $1)
        }
    }

    func start(onEnd: @escaping (ClusterStatistics.LookupResult, InstanceID?) -> Void) {
        self.onEnd = onEnd
        timers.append(loop.assumeIsolated().scheduleTask(deadline: deadline) { self.timedOut() })
        directory.siblings(for: round) { self.listed($0) }
    }

    /// Ends the lookup with this result, unless it has ended before.
    func end(_ result: ClusterStatistics.LookupResult, holder: InstanceID? = nil) {
        guard let onEnd else { return }
        self.onEnd = nil
        for timer in timers { timer.cancel() }
        round.end { result == .timedOut ? prober.giveUp($0) : $0.end(.cancelled) }
        prober.release(siblings.count)
        onEnd(result, holder)
    }

    /// A probe of this sibling has timed out, for this lookup or another.
    func becameSuspect(_ sibling: InstanceID) {
        perform(search.becameSuspect(sibling))
    }

    private func listed(_ listed: [InstanceID]?) {
        guard onEnd != nil else { return }
        guard prober.reserve(listed?.count ?? 0) else { return end(.refused) }
        siblings = listed ?? []
        if let listed { prober.forgetSuspects(except: listed) }
        perform(search.listed(listed, suspects: prober.suspects))
        for sibling in siblings where onEnd != nil {
            round.ask(sibling) { self.perform(self.search.answered(sibling, $0)) }
        }
    }

    /// The lookup's time is up. Siblings that have not answered become suspects, even for want of an address.
    private func timedOut() {
        round.timeOutProbes()
        for sibling in search.unanswered { prober.suspect(sibling) }
        perform(search.timeEnded())
    }

    private func perform(_ action: RoomSearch.Action) {
        guard onEnd != nil else { return }
        switch action {
        case .wait: break
        case .waitBriefly:
            timers.append(
                loop.assumeIsolated().scheduleTask(in: limits.patienceWithSuspects) {
                    self.perform(self.search.timeEnded())
                })
        case .found(let holder): end(.found, holder: holder)
        // A sibling that nobody can name may have it.
        case .missed(.notFound) where !directory.knowsAllSiblings: end(.failed)
        case .missed(let result): end(result)
        }
    }
}
