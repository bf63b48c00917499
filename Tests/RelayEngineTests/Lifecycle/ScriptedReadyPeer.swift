import RelayServer

/// The answers of the other machines about new games, scripted by a test.
actor ScriptedReadyPeer {
    private var answer: Bool?
    private(set) var asked = 0
    private(set) var cancelled = 0
    private var watchers: [(isFulfilled: () -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

    /// - Parameter answer: nil leaves the questions unanswered until they are cancelled.
    init(_ answer: Bool?) {
        self.answer = answer
    }

    nonisolated var question: HasReadyPeer {
        { await self.ask() }
    }

    func answers(_ answer: Bool) {
        self.answer = answer
    }

    func untilAsked(_ times: Int) async {
        await until { self.asked >= times }
    }

    func untilCancelled(_ times: Int) async {
        await until { self.cancelled >= times }
    }

    private func ask() async -> Bool {
        asked += 1
        notify()
        if let answer { return answer }
        for await _ in AsyncStream<Never>.makeStream().stream {}
        cancelled += 1
        notify()
        return false
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
