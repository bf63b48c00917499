internal import RelayCore

/// The state of one lookup: which siblings have yet to answer, and what their answers come to.
///
/// The first that has the room ends it. Otherwise all are waited for, except suspects: siblings that were silent
/// before are waited for only briefly once nobody else is.
struct RoomSearch {
    /// What the lookup should do now.
    enum Action: Equatable {
        case wait
        /// Wait for some moments more, then call `timeEnded`.
        case waitBriefly
        /// The lookup is over: this sibling has the room.
        case found(InstanceID)
        /// The lookup is over without the room.
        case missed(ClusterStatistics.LookupResult)
    }

    /// Those that have not answered.
    private(set) var unanswered: Set<InstanceID> = []
    private var suspects: Set<InstanceID> = []
    private var failures = 0
    private var silences = 0
    private var isImpatient = false

    /// The siblings are known, and who of all machines is a suspect; nil if the DNS does not tell.
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

    /// A sibling has let some other lookup's probe time out.
    mutating func becameSuspect(_ sibling: InstanceID) -> Action {
        guard unanswered.contains(sibling) else { return .wait }
        suspects.insert(sibling)
        return next()
    }

    /// The brief wait for suspects is over, or all the time of a lookup.
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
