internal import RelayCore

/// The state of one lookup of a machine that takes new games: the machines still to ask, and those asked.
///
/// The first yes ends it. Only a few machines are asked at a time: in a large cluster almost all would say yes, so a
/// drain need not ask them all.
struct ReadyPeerSearch {
    /// The next step of the lookup.
    enum Action: Equatable {
        /// Ask these, perhaps none, and wait.
        case ask([InstanceID])
        /// End the lookup with this result.
        case end(Bool)
    }

    /// The most machines asked in total. If none of so many says yes, asking more would not help.
    static let maxAsked = 64

    private let atOnce: Int
    private var toAsk: ArraySlice<InstanceID> = []
    private var asked: Set<InstanceID> = []

    init(atOnce: Int) {
        self.atOnce = atOnce
    }

    /// The DNS has answered with the other machines, in the order in which to ask them, or with nil if it failed.
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
