internal import NIOCore
internal import RelayCore

/// All questions to one sibling: their queue, the connection that is kept to it, and its usual time.
///
/// The first question on a connection goes alone. Whoever answers it as a relay of this kind does gets the others one
/// behind the other, up to a bound; any other server gets a connection for each, of which a few are open at a time.
/// Loop-bound.
final class SiblingLink {
    private enum Kind {
        case unknown
        /// A relay of this kind: its connection is kept, and has several questions under way.
        case relay
        /// The original, or another server: one question a connection.
        case other
    }

    /// The attempts at a connection, with the question that goes first on it.
    private struct Opening {
        let attempts: FirstAnswer
        let question: SiblingQuestion
    }

    let sibling: InstanceID
    private let loop: any EventLoop
    private let limits: ClusterLimits
    private let directory: PeerDirectory
    private let sockets: SocketBudget
    private let timers: FairTimers
    private let telemetry: ClusterTelemetry
    private var kind = Kind.unknown
    private var queue = QuestionQueue()
    private var connection: SiblingConnection? {
        didSet { telemetry.keptConnectionsChanged(by: (connection == nil ? 0 : 1) - (oldValue == nil ? 0 : 1)) }
    }
    /// The attempts at a connection: one to be kept, or some for one question each.
    private var openings: [ObjectIdentifier: Opening] = [:]
    private var isLocating = false
    /// Connections in a row that broke with questions under way, soon after an answer.
    private var breaks = 0
    private var addressFreshness = Freshness.usual
    private var times: AnswerTimes
    /// When it last answered, or was asked after it had answered everything.
    private var lifeAt = NIODeadline.now()
    private var check: FairTimer?
    private var isStopped = false
    private(set) var isSuspect = false
    /// Called when the sibling becomes a suspect, or is one no more.
    var onSuspicion: (SiblingLink) -> Void = { _ in }

    init(
        to sibling: InstanceID, in directory: PeerDirectory, limits: ClusterLimits, sockets: SocketBudget,
        timers: FairTimers, on loop: any EventLoop, telemetry: ClusterTelemetry
    ) {
        self.sibling = sibling
        self.directory = directory
        self.limits = limits
        self.sockets = sockets
        self.timers = timers
        self.loop = loop
        self.telemetry = telemetry
        times = AnswerTimes(patience: limits.patience, silence: limits.silence)
    }

    /// The time after which this sibling's answer is late.
    var patience: TimeAmount { times.patience }

    /// True if it has answered something within this time.
    func hasAnswered(within time: TimeAmount) -> Bool { isBusy && .now() - lifeAt < time }

    /// Asks for a room. The outcome may be told at once.
    ///
    /// - Parameter freshness: how old the addresses may be if there is no connection.
    func ask(_ question: SiblingQuestion, freshness: Freshness = .usual) {
        if !isBusy { lifeAt = .now() }
        if case .beforeFinalNo = freshness { addressFreshness = .beforeFinalNo }
        queue.add(question)
        pump()
        armCheck()
    }

    /// Ends everything; nobody is called back any more.
    func stop() {
        isStopped = true
        check?.cancel()
        directory.forget(self, waitingFor: sibling)
        for question in queue.takeAll() { question.end(.cancelled) }
        for opening in openings.values {
            opening.question.end(.cancelled)
            opening.attempts.end(.cancelled)
        }
        connection?.close()
        connection = nil
    }

    /// Closes the kept connection if nothing is under way on it; false if there is none such.
    @discardableResult
    func releaseIfIdle() -> Bool {
        guard let connection, connection.unanswered == 0 else { return false }
        connection.end(.closed)
        return true
    }

    /// True while a question waits, or an answer is to come.
    var isBusy: Bool {
        connection.map { $0.unanswered > 0 } ?? false || !openings.isEmpty || isLocating || !queue.isEmpty
    }

    // MARK: Sending

    private func pump() {
        guard !isStopped else { return }
        if let connection {
            while connection.unanswered < limits.questionsPerConnection, let question = queue.next() {
                send(question, on: connection)
            }
        } else if openings.count < mostOpenings, !isLocating, !queue.isEmpty {
            isLocating = true
            let freshness = addressFreshness
            addressFreshness = .usual
            directory.addresses(of: sibling, for: self, freshness: freshness) { [unowned self] in located($0) }
        }
    }

    private var mostOpenings: Int {
        switch kind {
        case .unknown, .relay: 1
        case .other: limits.connectionsPerOther
        }
    }

    private func located(_ addresses: [SocketAddress]?) {
        isLocating = false
        guard let addresses, !addresses.isEmpty else { return fail(queue.takeAll(), .noAddress) }
        while !isStopped, connection == nil, openings.count < mostOpenings, !queue.isEmpty {
            guard sockets.take() else { return sockets.wait(self) { [weak self] in self?.pump() } }
            guard let question = queue.next() else { return sockets.release() }
            open(at: addresses, with: question)
        }
    }

    private func open(at addresses: [SocketAddress], with question: SiblingQuestion) {
        let isKept = kind != .other
        let opening = FirstAnswer(
            .room(question.code), of: sibling, at: addresses, isKept: isKept, sockets: sockets,
            times: limits.connections, on: loop)
        let id = ObjectIdentifier(opening)
        openings[id] = Opening(attempts: opening, question: question)
        question.hasLeft = true
        // A connection that is to be kept is of use to others.
        if !isKept { question.onSettled = { [weak opening] in opening?.end(.cancelled) } }
        opening.start { [unowned self] answer, connection in
            openings[id] = nil
            opened(connection, with: answer, to: question)
        }
    }

    private func send(_ question: SiblingQuestion, on connection: SiblingConnection) {
        question.hasLeft = true
        connection.ask(.room(question.code)) { [weak self, unowned connection] answer in
            guard let self else { return }
            if let answer { answered(answer, to: question) } else { broke(connection, under: question) }
        }
    }

    // MARK: Answers

    /// The first question on a connection has been answered, or could not be.
    private func opened(
        _ connection: SiblingConnection?, with answer: SiblingConnection.Answer, to question: SiblingQuestion
    ) {
        guard !isStopped, answer.outcome != .cancelled else { return pump() }
        let failure = answer.outcome.failureOfConnection
        if let connection, answer.isRelay, failure == nil, kind != .other {
            kind = .relay
            keep(connection)
        } else {
            connection?.close()
        }
        if let failure {
            if failure == .otherMachine { directory.distrust(sibling) }
            if failure != .stalled { showLife() }
            return fail([question] + queue.takeAll(), failure)
        }
        if !answer.isRelay {
            kind = .other
        } else if kind == .other, breaks < SiblingLink.mostBreaks {
            // Another program runs there by now.
            kind = .unknown
        }
        answered(answer, to: question)
    }

    private func keep(_ connection: SiblingConnection) {
        self.connection = connection
        connection.onAnswerEnd = { [unowned self, unowned connection] in
            if connection.answers == SiblingLink.answersOfTrust { breaks = 0 }
            pump()
            if sockets.isShort { releaseIfIdle() }
            if !isBusy { armCheck() }
        }
        connection.onEnd = { [unowned self, unowned connection] in
            self.connection = nil
            if connection.unansweredAtEnd > 0 {
                breaks += 1
            } else if connection.answers > 1 {
                breaks = 0
            }
            // It does not answer several questions on one connection after all.
            if breaks >= SiblingLink.mostBreaks { kind = .other }
        }
    }

    private func answered(_ answer: SiblingConnection.Answer, to question: SiblingQuestion) {
        if case .failed = answer.outcome {} else { times.observe(answer.time) }
        showLife()
        question.end(answer.outcome)
        if answer.outcome == .failed(.otherMachine) {
            directory.distrust(sibling)
            connection?.end(.otherMachine)
        }
        pump()
    }

    /// The kept connection has ended before it answered this question. It may have been closed just then for having
    /// idled, so another one is tried.
    private func broke(_ connection: SiblingConnection, under question: SiblingQuestion) {
        guard question.isOpen, !isStopped else { return }
        question.broken += 1
        if question.broken > SiblingLink.mostBreaks {
            fail([question], connection.failure ?? .closed)
        } else {
            queue.takeBack(question)
            pump()
        }
    }

    private func fail(_ questions: [SiblingQuestion], _ failure: ProbeFailure) {
        for question in questions { question.end(failure == .stalled ? .timedOut : .failed(failure)) }
        pump()
    }

    // MARK: Time

    /// Something has come from the sibling, be it a refusal.
    private func showLife() {
        lifeAt = .now()
        if isSuspect {
            isSuspect = false
            onSuspicion(self)
        }
        armCheck()
    }

    /// The next time at which there is something to look at.
    private var checkDue: NIODeadline? {
        guard isBusy else { return connection.map { _ in lifeAt + limits.connections.idle } }
        if !isSuspect { return lifeAt + times.silence }
        return connection.map { _ in lifeAt + limits.connections.stalled }
    }

    private func armCheck() {
        guard !isStopped, let due = checkDue else { return }
        if let check {
            guard due < check.due else { return }
            check.cancel()
        }
        check = timers.schedule(at: due) { self.look() }
    }

    private func look() {
        check = nil
        let now = NIODeadline.now()
        if let connection, now >= lifeAt + (isBusy ? limits.connections.stalled : limits.connections.idle) {
            lifeAt = now
            connection.end(.stalled)
        } else if isBusy, !isSuspect, now >= lifeAt + times.silence {
            // Who waits for a free socket of ours has not been silent.
            if openings.isEmpty, connection == nil, !isLocating { lifeAt = now } else { suspect() }
        }
        armCheck()
    }

    private func suspect() {
        isSuspect = true
        onSuspicion(self)
    }

    /// Connections in a row that may break with questions under way.
    private static let mostBreaks = 2
    /// The answers of a connection that make up for those that broke.
    private static let answersOfTrust = 16
}
