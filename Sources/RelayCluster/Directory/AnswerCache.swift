internal import NIOCore

/// The cached answer for one DNS name, and the time of its next query.
///
/// One query is in flight at a time. Its answer is valid for some seconds; after a failure, or while the query is
/// slow, the last good answer stands in, so that siblings do not vanish when the DNS is in trouble.
struct AnswerCache<Element> {
    /// Advice for a caller that needs the answer.
    enum Advice {
        /// Use this. Nil: the last query has just failed, and no older answer can stand in.
        case use([Element]?)
        /// Wait for the query, and start it if `startsQuery`. If `patienceEnds` comes first, call `standIn`.
        case wait(startsQuery: Bool, patienceEnds: NIODeadline?)
    }

    private let times: AnswerCacheTimes
    private let isDoubtful: ([Element]) -> Bool
    /// The answer of the last query, valid until `askAgain`; nil if it failed.
    private var answer: [Element]?
    private var askAgain: NIODeadline?
    private var lastGood: (answer: [Element], at: NIODeadline)?
    private(set) var isAsking = false
    /// The time after which the last good answer stands in for the query in flight.
    private var patienceEnds = NIODeadline.distantPast

    /// - Parameter isDoubtful: true for answers that may be right, but are asked for again soon and never stand in.
    init(times: AnswerCacheTimes, isDoubtful: @escaping ([Element]) -> Bool = \.isEmpty) {
        self.times = times
        self.isDoubtful = isDoubtful
    }

    mutating func ask(now: NIODeadline) -> Advice {
        if let askAgain, now < askAgain { return .use(answer ?? standIn(now: now)) }
        let standIn = standIn(now: now)
        guard isAsking else {
            isAsking = true
            // After a failure another one is likely: nobody waits for it.
            let patience = answer == nil ? .zero : times.patience
            patienceEnds = now + patience
            return .wait(startsQuery: true, patienceEnds: standIn.map { _ in now + patience })
        }
        guard let standIn else { return .wait(startsQuery: false, patienceEnds: nil) }
        return now < patienceEnds ? .wait(startsQuery: false, patienceEnds: patienceEnds) : .use(standIn)
    }

    /// The query has been answered.
    mutating func answered(_ answer: [Element], now: NIODeadline) {
        isAsking = false
        self.answer = answer
        let isDoubtful = isDoubtful(answer)
        lastGood = isDoubtful ? nil : (answer, now)
        askAgain = now + (isDoubtful ? times.doubtful : times.fresh)
    }

    mutating func failed(now: NIODeadline) {
        isAsking = false
        answer = nil
        askAgain = now + times.doubtful
    }

    /// The last good answer, unless it is too old.
    func standIn(now: NIODeadline) -> [Element]? {
        guard let lastGood, now < lastGood.at + times.stale else { return nil }
        return lastGood.answer
    }
}
