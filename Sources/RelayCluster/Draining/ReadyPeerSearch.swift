internal import RelayCore

/// The state of one search for a machine that takes new games: whom to ask next, and whether it is over.
///
/// The first yes ends it. A few machines are asked at a time, so that in a large cluster, where nearly everyone would say
/// yes, a drain does not knock on every door.
struct ReadyPeerSearch {
    /// What the search should do now.
    enum Action: Equatable {
        /// Ask these, perhaps none, and wait.
        case ask([InstanceID])
        /// The search is over, and this is what it has come to.
        case end(Bool)
    }

    /// So many machines are asked in all. When as many have not said yes, who knows what is wrong.
    static let maxAsked = 64

    private let atOnce: Int
    private var toAsk: ArraySlice<InstanceID> = []
    private var asked: Set<InstanceID> = []

    init(atOnce: Int) {
        self.atOnce = atOnce
    }

    /// The other machines are known, in the order in which to ask them; nil if the DNS does not tell.
    mutating func listed(_ machines: [InstanceID]?) -> Action {
        toAsk = machines?.prefix(ReadyPeerSearch.maxAsked) ?? []
        return next()
    }

    mutating func answered(_ machine: InstanceID, _ outcome: ProbeOutcome) -> Action {
        asked.remove(machine)
        return outcome == .found ? .end(true) : next()
    }

    private mutating func next() -> Action {
        let next = Array(toAsk.prefix(atOnce - asked.count))
        toAsk.removeFirst(next.count)
        asked.formUnion(next)
        return asked.isEmpty ? .end(false) : .ask(next)
    }
}
