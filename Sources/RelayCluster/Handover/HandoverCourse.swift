internal import RelayCore

/// The state of one room's handover: the siblings still to ask, and what the one that is asked may have done.
///
/// A sibling that breaks off, or is silent, may have taken the room all the same. It is asked once more, since who has
/// the room takes it again; if that is no clearer, it is told to forget the room, and the next one is asked.
struct HandoverCourse {
    /// What a sibling has done with the room, as far as its answer tells.
    enum Answer: Equatable {
        case taken
        /// It has a room of this code, and players in it.
        case inUse
        case refused
        /// It never had the request.
        case unreachable
        /// It had the request, or part of it, and has not answered.
        case broken
        case silent
    }

    /// The next step.
    enum Action: Equatable {
        /// Give the room to this sibling.
        case give(to: InstanceID)
        /// Tell the first sibling to forget the room, wait for nothing, and give it to the second.
        case turn(from: InstanceID, to: InstanceID)
        /// End with this result; tell a sibling that may have the room to forget it.
        case end(HandoverResult, forgetAt: InstanceID?)

        /// True if this sibling has the room, or is asked once more.
        func staysWith(_ sibling: InstanceID) -> Bool {
            switch self {
            case .give(let next): next == sibling
            case .turn: false
            case .end(let result, _): result == .taken(by: sibling)
            }
        }
    }

    private var siblings: ArraySlice<InstanceID> = []
    private var asked: InstanceID?
    /// True if the sibling that is asked has left its first request unclear.
    private var isUnclear = false

    /// The sibling that has the room as it was before, if one has; it is asked first, since two must not have it.
    private let former: InstanceID?

    init(former: InstanceID? = nil) {
        self.former = former
    }

    /// - Parameter siblings: those that take rooms, in the order in which to ask them.
    mutating func found(_ siblings: [InstanceID]) -> Action {
        self.siblings = siblings.filter { $0 != former }[...]
        guard let former else { return next(otherwise: .noSibling) }
        asked = former
        isUnclear = true
        return .give(to: former)
    }

    /// The sibling that was asked has answered, or will not.
    mutating func answered(_ answer: Answer) -> Action {
        guard let asked else { preconditionFailure("an answer comes from whoever was asked") }
        switch answer {
        case .taken: return .end(.taken(by: asked), forgetAt: nil)
        // It is this room: it had arrived, and somebody has come.
        case .inUse where isUnclear: return .end(.taken(by: asked), forgetAt: nil)
        case .inUse, .refused: return next(otherwise: .refused)
        case .unreachable: return next(otherwise: .failed)
        case .broken, .silent:
            guard isUnclear else {
                isUnclear = true
                return .give(to: asked)
            }
            return next(otherwise: answer == .silent ? .timedOut : .failed)
        }
    }

    /// Time is up, or nobody waits any more.
    func abandoned(_ result: HandoverResult) -> Action {
        .end(result, forgetAt: asked)
    }

    /// - Parameter result: that of the sibling that was asked, for when it was the last one.
    private mutating func next(otherwise result: HandoverResult) -> Action {
        let former = isUnclear ? asked : nil
        isUnclear = false
        asked = siblings.popFirst()
        guard let asked else { return .end(result, forgetAt: former) }
        guard let former else { return .give(to: asked) }
        return .turn(from: former, to: asked)
    }
}
