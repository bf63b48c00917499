internal import NIOCore
internal import RelayCore

/// A lookup of one room on the siblings, from the DNS to the first decisive answer.
///
/// Loop-bound. It ends within its time limit, reports its result exactly once, and leaves nothing behind: what is still
/// asked is dropped when it is answered.
final class RoomLookup {
    let code: RoomCode
    let began: NIODeadline
    private let directory: PeerDirectory
    private let links: SiblingLinks
    private let budget: SearchBudget
    private let loop: any EventLoop
    private let limits: ClusterLimits
    private let winner: ([InstanceID], RoomCode) -> InstanceID?
    private let deadline: NIODeadline
    private var search = RoomSearch()
    private var questions: [SiblingQuestion] = []
    private var turns: [SearchBudget.Turn] = []
    /// The questions of the search that the budget counts.
    private var counted = 0
    private var timeLimit: Scheduled<Void>?
    /// The end of the wait for the first answer, or for suspects.
    private var wait: FairTimer?
    private var onEnd: ((ClusterStatistics.LookupResult, InstanceID?) -> Void)?

    /// - Parameter winner: the sibling of a list that should have a room.
    init(
        _ code: RoomCode, in directory: PeerDirectory, with links: SiblingLinks, budget: SearchBudget,
        on loop: any EventLoop, limits: ClusterLimits, winner: @escaping ([InstanceID], RoomCode) -> InstanceID?
    ) {
        self.code = code
        self.directory = directory
        self.links = links
        self.budget = budget
        self.loop = loop
        self.limits = limits
        self.winner = winner
        began = .now()
        deadline = began + limits.lookup
    }

    /// True if siblings were asked.
    var hasAsked: Bool { questions.contains(where: \.hasLeft) }

    /// True if no more than the first question was needed to find the room.
    func wasFirstRight(_ holder: InstanceID?) -> Bool {
        holder != nil && holder == search.first && questions.count { $0.hasLeft } == 1
    }

    func start(onEnd: @escaping (ClusterStatistics.LookupResult, InstanceID?) -> Void) {
        self.onEnd = onEnd
        timeLimit = loop.assumeIsolated().scheduleTask(deadline: deadline) { self.end(.timedOut) }
        directory.siblings(for: self) { self.listed($0) }
    }

    /// Ends the lookup with this result, unless it has ended before.
    func end(_ result: ClusterStatistics.LookupResult, holder: InstanceID? = nil) {
        guard let onEnd else { return }
        self.onEnd = nil
        timeLimit?.cancel()
        wait?.cancel()
        for turn in turns { turn.cancel() }
        directory.forget(self, waitingFor: EmptyCollection())
        for question in questions { question.end(result == .timedOut && question.hasLeft ? .timedOut : .cancelled) }
        onEnd(result, holder)
        budget.release(counted)
        counted = 0
    }

    /// A sibling has become silent, for this lookup or another.
    func becameSuspect(_ sibling: InstanceID) {
        perform(search.becameSuspect(sibling))
    }

    private func listed(_ siblings: [InstanceID]?) {
        guard onEnd != nil else { return }
        if let siblings { links.forget(except: siblings) }
        let first = siblings.flatMap { winner($0, code) }
        perform(search.listed(siblings, first: first, suspects: links.suspects))
    }

    private func perform(_ action: RoomSearch.Action) {
        guard onEnd != nil else { return }
        switch action {
        case .wait: break
        case .askFirst(let sibling): askFirst(sibling)
        case .ask(let siblings): ask(siblings, freshness: .usual)
        case .askAnew(let siblings): ask(siblings, freshness: .beforeFinalNo)
        case .waitBriefly: after(limits.patienceWithSuspects) { self.perform(self.search.briefWaitEnded()) }
        case .relist:
            directory.siblings(for: self, freshness: .beforeFinalNo) { siblings in
                self.perform(self.search.relisted(siblings, isListed: self.directory.isListed))
            }
        case .found(let holder): end(.found, holder: holder)
        // A sibling that nobody can name may have it.
        case .missed(.notFound) where !directory.knowsAllSiblings: end(.failed)
        case .missed(let result): end(result)
        }
    }

    private func askFirst(_ sibling: InstanceID) {
        let patience = links.patience(with: sibling)
        ask(sibling, .hint, freshness: .usual)
        if onEnd != nil { awaitFirst(sibling, patience) }
    }

    /// Waits for the first answer as long as it may take. One that answers others meanwhile is at work, and gets more time.
    private func awaitFirst(_ sibling: InstanceID, _ patience: TimeAmount) {
        after(patience) {
            guard self.search.isAwaitingFirst else { return }
            if self.links.isAnswering(sibling, within: patience) {
                self.awaitFirst(sibling, patience)
            } else {
                self.perform(self.search.patienceEnded())
            }
        }
    }

    /// Asks these in their turn, so that searches do not crowd out the questions which find rooms.
    private func ask(_ siblings: [InstanceID], freshness: Freshness) {
        let turn = budget.request(siblings.count) { [self] in
            counted += siblings.count
            for sibling in siblings where onEnd != nil { ask(sibling, .search, freshness: freshness) }
            perform(search.asked())
        }
        turns.append(turn)
    }

    private func ask(_ sibling: InstanceID, _ purpose: SiblingQuestion.Purpose, freshness: Freshness) {
        let question = links.ask(sibling, for: code, purpose, freshness: freshness) { outcome in
            if case .search = purpose { self.answeredCounted() }
            self.perform(self.search.answered(sibling, outcome))
        }
        if onEnd == nil { question.end(.cancelled) } else { questions.append(question) }
    }

    private func answeredCounted() {
        guard onEnd != nil else { return }
        counted -= 1
        budget.release(1)
    }

    private func after(_ time: TimeAmount, _ body: @escaping () -> Void) {
        wait?.cancel()
        wait = links.timers.schedule(at: .now() + time, body)
    }
}
