internal import RelayCore

/// The state of one lookup of a room: the siblings that have yet to answer, and the outcomes so far.
///
/// The first sibling that has the room ends it. Otherwise it waits for all, but for suspects (siblings that were silent
/// before) only briefly once all others have answered.
struct RoomSearch {
    /// The next step of the lookup.
    enum Action: Equatable {
        case wait
        /// Wait briefly, then call `timeEnded`.
        case waitBriefly
        /// End the lookup: this sibling has the room.
        case found(InstanceID)
        /// End the lookup without the room.
        case missed(ClusterStatistics.LookupResult)
    }

    /// The siblings that have not answered.
    private(set) var unanswered: Set<InstanceID> = []
    private var suspects: Set<InstanceID> = []
    private var failures = 0
    private var silences = 0
    private var isImpatient = false

    /// The DNS has answered with the siblings, or with nil if it failed. `suspects` may name other machines too.
    mutating func listed(_ siblings: [InstanceID]?, suspects: some Sequence<InstanceID>) -> Action {
        guard let siblings else { return .missed(.failed) }
        unanswered = Set(siblings)
        self.suspects = unanswered.intersection(suspects)
        return next()
    }

    mutating func answered(_ sibling: InstanceID, _ outcome: ProbeOutcome) -> Action {
        guard unanswered.remove(sibling) != nil else { return .wait }
        switch outcome {
        case .found: return .found(sibling)
        case .notFound: break
        case .failed, .cancelled: failures += 1
        case .timedOut: silences += 1
        }
        return next()
    }

    /// A probe of this sibling has timed out.
    mutating func becameSuspect(_ sibling: InstanceID) -> Action {
        guard unanswered.contains(sibling) else { return .wait }
        suspects.insert(sibling)
        return next()
    }

    /// The brief wait for suspects is over, or the lookup's time is up.
    func timeEnded() -> Action {
        .missed(.timedOut)
    }

    private mutating func next() -> Action {
        if unanswered.isEmpty {
            return .missed(silences > 0 ? .timedOut : failures > 0 ? .failed : .notFound)
        }
        guard !isImpatient, unanswered.isSubset(of: suspects) else { return .wait }
        isImpatient = true
        return .waitBriefly
    }
}
