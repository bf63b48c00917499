internal import NIOCore

/// The cached answer for one DNS name, and the time of its next query.
///
/// One query is in flight at a time. Its answer is valid for some seconds; after a failure, or while the query is
/// slow, the last good answer stands in, so that siblings do not vanish when the DNS is in trouble.
struct AnswerCache<Answer> {
    /// Advice for a caller that needs the answer.
    enum Advice {
        /// Use this. Nil: the last query has just failed, and no older answer can stand in.
        case use(Answer?)
        /// Wait for the query, and start it if `startsQuery`. If `patienceEnds` comes first, use what is in hand.
        case wait(startsQuery: Bool, patienceEnds: NIODeadline?)
    }

    private let times: AnswerCacheTimes
    private let isDoubtful: (Answer) -> Bool
    /// The answer of the last query, valid until `askAgain`; nil if it failed.
    private var answer: Answer?
    private var askAgain: NIODeadline?
    private var lastGood: (answer: Answer, at: NIODeadline)?
    /// The time of the last query that was answered.
    private var answeredAt: NIODeadline?
    /// The start of the last query.
    private var startedAt: NIODeadline?
    private(set) var isAsking = false
    /// The time after which what is in hand stands in for the query in flight.
    private var patienceEnds = NIODeadline.distantPast

    /// - Parameter isDoubtful: true for answers that may be right, but are asked for again soon and never stand in.
    init(times: AnswerCacheTimes, isDoubtful: @escaping (Answer) -> Bool) {
        self.times = times
        self.isDoubtful = isDoubtful
    }

    mutating func ask(_ freshness: Freshness = .usual, now: NIODeadline) -> Advice {
        if isEnough(for: freshness, now: now) { return .use(inHand(now: now)) }
        let isInHand = inHand(now: now) != nil
        guard isAsking else {
            isAsking = true
            startedAt = now
            // After a failure another one is likely: nobody waits for it.
            patienceEnds = now + (answer == nil ? .zero : times.patience)
            return .wait(startsQuery: true, patienceEnds: isInHand ? patienceEnds : nil)
        }
        guard isInHand else { return .wait(startsQuery: false, patienceEnds: nil) }
        return now < patienceEnds
            ? .wait(startsQuery: false, patienceEnds: patienceEnds) : .use(inHand(now: now))
    }

    /// The query has been answered.
    mutating func answered(_ answer: Answer, now: NIODeadline) {
        isAsking = false
        self.answer = answer
        answeredAt = now
        let isDoubtful = isDoubtful(answer)
        lastGood = isDoubtful ? nil : (answer, now)
        askAgain = now + (isDoubtful ? times.doubtful : times.fresh)
    }

    /// The query has failed.
    ///
    /// - Parameter isAwaited: false if nobody waited for it: then whoever comes next asks anew, since a name server that was
    ///   not up at our start may be so now.
    mutating func failed(isAwaited: Bool = true, now: NIODeadline) {
        isAsking = false
        // An answer that is still valid stays so: the query was made before it had aged.
        guard !isValid(now: now) || answer == nil else { return }
        answer = nil
        askAgain = isAwaited ? now + times.doubtful : now
    }

    /// The valid answer, or else the last good one, unless it is too old.
    func inHand(now: NIODeadline) -> Answer? {
        if isValid(now: now), let answer { return answer }
        guard let lastGood, now < lastGood.at + times.stale else { return nil }
        return lastGood.answer
    }

    /// True if no query is needed for now, since there is an answer or the next query must wait.
    private func isEnough(for freshness: Freshness, now: NIODeadline) -> Bool {
        switch freshness {
        case .usual: isValid(now: now)
        case .beforeFinalNo:
            answeredAt.map { now < $0 + times.final } ?? false
                || !isAsking && startedAt.map { now < $0 + times.betweenFinal } ?? false
        }
    }

    private func isValid(now: NIODeadline) -> Bool {
        askAgain.map { now < $0 } ?? false
    }
}
