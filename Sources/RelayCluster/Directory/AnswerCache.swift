internal import NIOCore

/// What is known of one name in the DNS, and when to ask for it again.
///
/// One query is under way at a time. Its answer counts for some seconds; after a failure, or while the query takes
/// long, the last good answer stands in, so that a DNS in trouble does not make siblings vanish.
struct AnswerCache<Element> {
    /// What somebody who needs the answer should do.
    enum Advice {
        /// Take this. Nil: the last query has failed just now, and there is nothing to stand in for it.
        case use([Element]?)
        /// Wait for the query; it has to be started if `startsQuery`. If `patienceEnds` comes first, call `standIn`.
        case wait(startsQuery: Bool, patienceEnds: NIODeadline?)
    }

    private let times: AnswerCacheTimes
    private let isDoubtful: ([Element]) -> Bool
    /// What the last query gave, which counts until `askAgain`; nil if it failed.
    private var answer: [Element]?
    private var askAgain: NIODeadline?
    private var lastGood: (answer: [Element], at: NIODeadline)?
    private(set) var isAsking = false
    /// When the query under way has taken so long that the last good answer stands in.
    private var patienceEnds = NIODeadline.distantPast

    /// - Parameter isDoubtful: which answers may be the truth, but are asked for again soon, and never stand in.
    init(times: AnswerCacheTimes, isDoubtful: @escaping ([Element]) -> Bool = \.isEmpty) {
        self.times = times
        self.isDoubtful = isDoubtful
    }

    mutating func ask(now: NIODeadline) -> Advice {
        if let askAgain, now < askAgain { return .use(answer ?? standIn(now: now)) }
        let standIn = standIn(now: now)
        guard isAsking else {
            isAsking = true
            // After a failure another one is to be expected: nobody is held up for it.
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

    /// The last good answer, unless it is too old to be of use.
    func standIn(now: NIODeadline) -> [Element]? {
        guard let lastGood, now < lastGood.at + times.stale else { return nil }
        return lastGood.answer
    }
}
