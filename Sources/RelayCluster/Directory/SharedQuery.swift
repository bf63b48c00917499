internal import NIOCore

/// A DNS name with its cache, its query, and the waiters that share the query.
///
/// Loop-bound. A waiter is known by its identity, so that it can be dropped.
final class SharedQuery<Element: Sendable> {
    typealias Question = @Sendable (_ deadline: NIODeadline) async throws -> [Element]

    private let loop: any EventLoop
    private let times: AnswerCacheTimes
    private let question: Question
    private let onEnd: (Result<[Element], any Error>) -> Void
    private var cache: AnswerCache<Element>
    private var waiting: [ObjectIdentifier: ([Element]?) -> Void] = [:]
    private var patience: Scheduled<Void>?
    private var query: Task<Void, Never>?

    /// - Parameter onEnd: called at the end of every query, before its waiters are called back.
    init(
        on loop: any EventLoop, times: AnswerCacheTimes, isDoubtful: @escaping ([Element]) -> Bool = \.isEmpty,
        question: @escaping Question, onEnd: @escaping (Result<[Element], any Error>) -> Void
    ) {
        self.loop = loop
        self.times = times
        self.question = question
        self.onEnd = onEnd
        cache = AnswerCache(times: times, isDoubtful: isDoubtful)
    }

    var isAsking: Bool { cache.isAsking }

    /// Calls back with the answer, or with nil if there is none; immediately if it is cached.
    func answer(for waiter: AnyObject, _ callback: @escaping ([Element]?) -> Void) {
        loop.assertInEventLoop()
        switch cache.ask(now: .now()) {
        case .use(let answer):
            callback(answer)
        case .wait(let startsQuery, let patienceEnds):
            waiting[ObjectIdentifier(waiter)] = callback
            if startsQuery { start() }
            if let patienceEnds, patience == nil { setPatience(until: patienceEnds) }
        }
    }

    func forget(_ waiter: AnyObject) {
        waiting[ObjectIdentifier(waiter)] = nil
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
            let result: Result<[Element], any Error>
            do { result = .success(try await question(deadline)) } catch { result = .failure(error) }
            loop.execute { query.value.ended(result) }
        }
    }

    private func ended(_ result: Result<[Element], any Error>) {
        guard let query, !query.isCancelled else { return }
        self.query = nil
        patience?.cancel()
        patience = nil
        let now = NIODeadline.now()
        switch result {
        case .success(let answer): cache.answered(answer, now: now)
        case .failure: cache.failed(now: now)
        }
        onEnd(result)
        release(try? result.get(), now: now)
    }

    private func setPatience(until end: NIODeadline) {
        patience = loop.assumeIsolated().scheduleTask(deadline: end) {
            self.patience = nil
            let now = NIODeadline.now()
            if let answer = self.cache.standIn(now: now) { self.release(answer, now: now) }
        }
    }

    private func release(_ answer: [Element]?, now: NIODeadline) {
        let answer = answer ?? cache.standIn(now: now)
        let callbacks = waiting.values
        waiting = [:]
        for callback in callbacks { callback(answer) }
    }
}
