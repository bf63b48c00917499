internal import NIOConcurrencyHelpers
internal import NIOCore
internal import RelayCore

/// The view of the machines for readers on any thread, written by the cluster's loop.
///
/// A reader never waits for the DNS. Reading notes interest: the caller starts a query if the list has become old, so an
/// idle machine asks the DNS nothing.
final class MachineBoard: Sendable {
    private struct State {
        var view: MachineView
        var listedAt: NIODeadline?
        /// True if the last query has failed.
        var isFailing = false
        /// No reader causes a query before this.
        var quietUntil = NIODeadline.distantPast
    }

    private let times: AnswerCacheTimes
    private let own: InstanceID?
    private let state: NIOLockedValueBox<State>

    init(own: InstanceID?, times: AnswerCacheTimes) {
        self.own = own
        self.times = times
        let alone = own.map { [$0] } ?? []
        state = NIOLockedValueBox(State(view: MachineView(region: alone, listed: [], isComplete: false)))
    }

    /// - Parameters:
    ///   - siblings: those that are listed, or were moments ago.
    ///   - listed: the other machines that the latest list names. One that it lacks does not count as listed: who is sent
    ///     to it and fails cannot be sent on, and without it a room is found all the same.
    ///   - isComplete: true if there are no machines but the listed ones and this.
    func list(siblings: [InstanceID], listed: [InstanceID], isComplete: Bool, now: NIODeadline) {
        let view = MachineView(
            region: siblings + (own.map { [$0] } ?? []), listed: Set(listed).union(own.map { [$0] } ?? []),
            isComplete: isComplete)
        state.withLockedValue { state in
            (state.view, state.listedAt, state.isFailing) = (view, now, false)
        }
    }

    func queryFailed() {
        state.withLockedValue { $0.isFailing = true }
    }

    /// - Returns: the view, and true if the caller should start a query.
    func read(now: NIODeadline) -> (view: MachineView, isOld: Bool) {
        state.withLockedValue { state in
            guard let listedAt = state.listedAt else { return (state.view, isOld(&state, now: now)) }
            let age = now - listedAt
            let isOld = age >= times.fresh && isOld(&state, now: now)
            let isOutdated = age >= times.stale || state.isFailing && age >= times.trusted
            return (isOutdated ? state.view.outdated : state.view, isOld)
        }
    }

    /// True for one reader, and then for nobody for a while: thousands may read before the query has begun.
    private func isOld(_ state: inout State, now: NIODeadline) -> Bool {
        guard now >= state.quietUntil else { return false }
        state.quietUntil = now + times.doubtful
        return true
    }
}
