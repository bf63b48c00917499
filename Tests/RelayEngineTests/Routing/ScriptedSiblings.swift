import RelayCore
import RelayEngine

/// The other machines of the region, scripted by a test.
actor ScriptedSiblings {
    /// The machine that holds each room.
    private var holders: [RoomCode: InstanceID] = [:]
    /// True if a question about any other room stays unanswered until `answerAll`.
    private var isSilent = false
    private var open: [AsyncStream<InstanceID?>.Continuation] = []
    private var watchers: [(isFulfilled: () -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    private(set) var asked: [RoomCode] = []
    private(set) var cancelled = 0

    init(holding holders: [RoomCode: InstanceID] = [:], isSilent: Bool = false) {
        self.holders = holders
        self.isSilent = isSilent
    }

    nonisolated var question: LocateRoom {
        { code in await self.locate(code) }
    }

    private func locate(_ code: RoomCode) async -> InstanceID? {
        asked.append(code)
        notify()
        if let holder = holders[code] { return holder }
        guard isSilent else { return nil }
        let (answers, continuation) = AsyncStream<InstanceID?>.makeStream()
        open.append(continuation)
        for await answer in answers { return answer }
        cancelled += 1
        notify()
        return nil
    }

    /// Answers every open question.
    func answerAll(_ instance: InstanceID?) {
        for continuation in open { continuation.yield(instance) }
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
