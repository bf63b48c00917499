import RelayCore
import RelayEngine

/// The other machines of the region, scripted by a test.
actor ScriptedSiblings {
    /// The machine that holds each room.
    private var holders: [RoomCode: InstanceID] = [:]
    /// True if a question about any other room stays unanswered until `answerAll`.
    private var isSilent = false
    /// True if nobody can tell whether there is any other room.
    private var isUnsure = false
    private var open: [AsyncStream<RoomLocation>.Continuation] = []
    private var watchers: [(isFulfilled: () -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    private(set) var asked: [RoomCode] = []
    private(set) var cancelled = 0

    init(holding holders: [RoomCode: InstanceID] = [:], isSilent: Bool = false, isUnsure: Bool = false) {
        self.holders = holders
        self.isSilent = isSilent
        self.isUnsure = isUnsure
    }

    nonisolated var question: LocateRoom {
        { code in await self.locate(code) }
    }

    private func locate(_ code: RoomCode) async -> RoomLocation {
        asked.append(code)
        notify()
        if let holder = holders[code] { return .sibling(holder) }
        guard isSilent else { return isUnsure ? .unknown : .nowhere }
        let (answers, continuation) = AsyncStream<RoomLocation>.makeStream()
        open.append(continuation)
        for await answer in answers { return answer }
        cancelled += 1
        notify()
        return .unknown
    }

    /// Answers every open question.
    func answerAll(_ location: RoomLocation) {
        for continuation in open { continuation.yield(location) }
        open = []
    }

    func untilAsked(_ times: Int) async {
        await until { self.asked.count >= times }
    }

    func untilCancelled(_ times: Int) async {
        await until { self.cancelled >= times }
    }

    private func until(_ isFulfilled: @escaping () -> Bool) async {
        if isFulfilled() { return }
        await withCheckedContinuation { watchers.append((isFulfilled, $0)) }
    }

    private func notify() {
        for watcher in watchers where watcher.isFulfilled() { watcher.continuation.resume() }
        watchers.removeAll { $0.isFulfilled() }
    }
}
