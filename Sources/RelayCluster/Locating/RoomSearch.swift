internal import RelayCore

/// The state of one lookup of a room: whom it has asked, and the answers so far.
///
/// The sibling that should have the room is asked first, the others after its no, its failure, or a short wait. The first
/// that has the room ends it. Otherwise it waits for all, but for suspects (siblings that are silent) only briefly once
/// all others have answered. Before it ends without the room it asks for the list again: a no is one only if every sibling
/// that is listed then has said so.
struct RoomSearch {
    /// The next step of the lookup.
    enum Action: Equatable {
        case wait
        /// Ask this one, and call `patienceEnded` when its answer is late.
        case askFirst(InstanceID)
        /// Ask these too, and call `asked` then.
        case ask([InstanceID])
        /// The same for those which are new or have failed before, by addresses that are not old.
        case askAnew([InstanceID])
        /// Wait briefly, then call `briefWaitEnded`.
        case waitBriefly
        /// Ask for a list that is not old, then call `relisted`.
        case relist
        /// End the lookup: this sibling has the room.
        case found(InstanceID)
        /// End the lookup without the room.
        case missed(ClusterStatistics.LookupResult)
    }

    private enum Phase {
        case first, all, relisting
    }

    private var phase = Phase.first
    private var siblings: [InstanceID] = []
    private(set) var first: InstanceID?
    /// The siblings that have not answered.
    private(set) var unanswered: Set<InstanceID> = []
    private var suspects: Set<InstanceID> = []
    private var saidNo: Set<InstanceID> = []
    private var failed: Set<InstanceID> = []
    private var askedAnew: Set<InstanceID> = []
    /// True while some of those are still to be asked.
    private var isAsking = false
    private var hasSilence = false
    private var hasWaitedBriefly = false
    private var isBriefWaitOver = false

    /// True as long as only the first sibling has been asked.
    var isAwaitingFirst: Bool {
        if case .first = phase { true } else { false }
    }

    /// The DNS has answered with the siblings, or with nil if it failed.
    ///
    /// - Parameters:
    ///   - first: the one that should have the room.
    ///   - suspects: may name other machines too.
    mutating func listed(_ siblings: [InstanceID]?, first: InstanceID?, suspects: Set<InstanceID>) -> Action {
        guard let siblings else { return .missed(.failed) }
        self.siblings = siblings
        self.suspects = suspects
        guard let first, !suspects.contains(first) else { return askOthers() }
        self.first = first
        unanswered = [first]
        return .askFirst(first)
    }

    /// The first sibling's answer is late.
    mutating func patienceEnded() -> Action {
        isAwaitingFirst ? askOthers() : .wait
    }

    /// The siblings of the last action have been asked.
    mutating func asked() -> Action {
        isAsking = false
        return unanswered.isEmpty ? .wait : next()
    }

    mutating func answered(_ sibling: InstanceID, _ outcome: ProbeOutcome) -> Action {
        guard unanswered.remove(sibling) != nil else { return .wait }
        switch outcome {
        case .found: return .found(sibling)
        case .notFound: saidNo.insert(sibling)
        case .failed, .cancelled, .timedOut:
            failed.insert(sibling)
            hasSilence = hasSilence || outcome == .timedOut
            // Who answers something else, or nothing, does so at any address.
            if outcome.failureOfConnection == nil { askedAnew.insert(sibling) }
        }
        if isAwaitingFirst { return askOthers() }
        return next()
    }

    /// This sibling has become silent.
    mutating func becameSuspect(_ sibling: InstanceID) -> Action {
        suspects.insert(sibling)
        guard unanswered.contains(sibling) else { return .wait }
        if isAwaitingFirst { return askOthers() }
        return next()
    }

    mutating func briefWaitEnded() -> Action {
        isBriefWaitOver = true
        guard case .all = phase else { return .wait }
        phase = .relisting
        return .relist
    }

    /// The DNS has answered with the siblings, or with nil if it failed.
    ///
    /// - Parameter isListed: false for those which it names no more, but did moments ago.
    mutating func relisted(_ siblings: [InstanceID]?, isListed: (InstanceID) -> Bool) -> Action {
        guard let siblings else { return .missed(.failed) }
        let anew = siblings.filter { sibling in
            let hasFailed = failed.contains(sibling) && !askedAnew.contains(sibling)
            return hasFailed || !saidNo.contains(sibling) && !failed.contains(sibling) && !unanswered.contains(sibling)
        }
        guard anew.isEmpty else {
            phase = .all
            askedAnew.formUnion(anew)
            failed.subtract(anew)
            unanswered.formUnion(anew)
            isAsking = true
            return .askAnew(anew)
        }
        let open = siblings.filter { isListed($0) && !saidNo.contains($0) }
        if open.isEmpty { return .missed(.notFound) }
        return .missed(hasSilence || !unanswered.isDisjoint(with: open) ? .timedOut : .failed)
    }

    private mutating func askOthers() -> Action {
        phase = .all
        let others = siblings.filter { $0 != first }
        unanswered.formUnion(others)
        isAsking = !others.isEmpty
        return isAsking ? .ask(others) : next()
    }

    private mutating func next() -> Action {
        guard case .all = phase else { return .wait }
        if unanswered.isEmpty {
            phase = .relisting
            return .relist
        }
        guard !isAsking, unanswered.isSubset(of: suspects) else { return .wait }
        guard !hasWaitedBriefly else {
            // They have had their time: what was asked anew since has been answered.
            guard isBriefWaitOver else { return .wait }
            phase = .relisting
            return .relist
        }
        hasWaitedBriefly = true
        return .waitBriefly
    }
}
