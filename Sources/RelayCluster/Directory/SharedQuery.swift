internal import NIOCore
internal import RelayCore

/// A DNS name with its cache, its query, and the waiters that share the query.
///
/// Loop-bound. A waiter is known by its identity, so that it can be dropped, and by the machine that it asks about, since
/// it may ask about many.
final class SharedQuery<Answer: Sendable> {
    typealias Question = @Sendable (_ deadline: NIODeadline) async throws -> Answer

    private struct Waiter: Hashable {
        let identity: ObjectIdentifier
        let machine: InstanceID?
    }

    private let loop: any EventLoop
    private let times: AnswerCacheTimes
    private let question: Question
    private let onEnd: (Result<Answer, any Error>) -> Void
    private var cache: AnswerCache<Answer>
    private var waiting: [Waiter: (Answer?) -> Void] = [:]
    private var patience: Scheduled<Void>?
    private var query: Task<Void, Never>?

    /// - Parameter onEnd: called at the end of every query, before its waiters are called back.
    init(
        on loop: any EventLoop, times: AnswerCacheTimes, isDoubtful: @escaping (Answer) -> Bool,
        question: @escaping Question, onEnd: @escaping (Result<Answer, any Error>) -> Void
    ) {
        self.loop = loop
        self.times = times
        self.question = question
        self.onEnd = onEnd
        cache = AnswerCache(times: times, isDoubtful: isDoubtful)
    }

    var isAsking: Bool { cache.isAsking }

    /// Calls back with the answer, or with nil if there is none; immediately if it is cached.
    func answer(
        for waiter: AnyObject, about machine: InstanceID? = nil, _ freshness: Freshness = .usual,
        _ callback: @escaping (Answer?) -> Void
    ) {
        loop.assertInEventLoop()
        switch cache.ask(freshness, now: .now()) {
        case .use(let answer):
            callback(answer)
        case .wait(let startsQuery, let patienceEnds):
            waiting[Waiter(identity: ObjectIdentifier(waiter), machine: machine)] = callback
            if startsQuery { start() }
            if let patienceEnds, patience == nil { setPatience(until: patienceEnds) }
        }
    }

    /// Asks if the answer is not fresh enough; nobody waits for it.
    func refresh(_ freshness: Freshness = .usual) {
        loop.assertInEventLoop()
        if case .wait(startsQuery: true, _) = cache.ask(freshness, now: .now()) { start() }
    }

    func forget(_ waiter: AnyObject, about machine: InstanceID? = nil) {
        waiting[Waiter(identity: ObjectIdentifier(waiter), machine: machine)] = nil
    }

    /// Ends the query in flight, if any; waiters are not called back. Await the returned task before the loop ends.
    func stop() -> Task<Void, Never>? {
        patience?.cancel()
        patience = nil
        waiting = [:]
        query?.cancel()
        return query
    }

    private func start() {
        let deadline = NIODeadline.now() + times.query
        let query = NIOLoopBound(self, eventLoop: loop)
        self.query = Task { [loop, question] in
            let result: Result<Answer, any Error>
            do { result = .success(try await question(deadline)) } catch { result = .failure(error) }
            loop.execute { query.value.ended(result) }
        }
    }

    private func ended(_ result: Result<Answer, any Error>) {
        guard let query, !query.isCancelled else { return }
        self.query = nil
        patience?.cancel()
        patience = nil
        let now = NIODeadline.now()
        switch result {
        case .success(let answer): cache.answered(answer, now: now)
        case .failure: cache.failed(isAwaited: !waiting.isEmpty, now: now)
        }
        onEnd(result)
        release((try? result.get()) ?? cache.inHand(now: now))
    }

    private func setPatience(until end: NIODeadline) {
        patience = loop.assumeIsolated().scheduleTask(deadline: end) {
            self.patience = nil
            if let answer = self.cache.inHand(now: .now()) { self.release(answer) }
        }
    }

    private func release(_ answer: Answer?) {
        let callbacks = waiting.values
        waiting = [:]
        for callback in callbacks { callback(answer) }
    }
}
