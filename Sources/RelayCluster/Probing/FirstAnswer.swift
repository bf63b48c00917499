internal import NIOCore
internal import RelayCore

/// One question to a machine at all its addresses, until one of them has answered.
///
/// The addresses are tried in turn: the next one at once when one has failed, and after a short head start when it is
/// silent (as in RFC 8305, but until the answer: whoever accepts connections may still not answer). Loop-bound. The
/// outcome is reported once; what is left of the attempts is closed.
final class FirstAnswer {
    typealias Report = (SiblingConnection.Answer, _ connection: SiblingConnection?) -> Void

    private let question: ProbeQuestion
    private let machine: InstanceID
    private var addresses: ArraySlice<SocketAddress>
    private let isKept: Bool
    private let sockets: SocketBudget
    private let loop: any EventLoop
    private let times: ConnectionTimes
    private var attempts: [SiblingConnection] = []
    private var failure = ProbeFailure.noAddress
    private var timers: [Scheduled<Void>] = []
    private var onEnd: Report?

    /// - Parameters:
    ///   - isKept: whether the connection that answers stays open for more questions.
    ///   - sockets: one has been taken for the first address; the others take theirs if there are any.
    init(
        _ question: ProbeQuestion, of machine: InstanceID, at addresses: [SocketAddress], isKept: Bool,
        sockets: SocketBudget, times: ConnectionTimes, on loop: any EventLoop
    ) {
        self.question = question
        self.machine = machine
        self.addresses = addresses[...]
        self.isKept = isKept
        self.sockets = sockets
        self.times = times
        self.loop = loop
    }

    func start(onEnd: @escaping Report) {
        self.onEnd = onEnd
        timers.append(
            loop.assumeIsolated().scheduleTask(in: times.stalled) { self.end(.failed(.stalled)) })
        guard !addresses.isEmpty else {
            sockets.release()
            return end(.failed(.noAddress))
        }
        attempt()
    }

    /// Ends the attempts with this outcome, unless there was one before.
    func end(_ outcome: ProbeOutcome) {
        report(.init(outcome: outcome, isRelay: false, time: .zero), nil)
    }

    /// Tries the next address; a socket has been taken for it.
    private func attempt() {
        let address = addresses.removeFirst()
        let connection = SiblingConnection(to: machine, at: address, isKept: isKept, sockets: sockets)
        attempts.append(connection)
        connection.ask(question) { [weak self, unowned connection] answer in
            self?.answered(answer, on: connection)
        }
        connection.connect(to: address, timeout: times.stalled + .seconds(1), on: loop)
        guard !addresses.isEmpty else { return }
        timers.append(loop.assumeIsolated().scheduleTask(in: times.headStart) { self.attemptNext() })
    }

    private func attemptNext() {
        guard onEnd != nil, !addresses.isEmpty, sockets.take() else { return }
        attempt()
    }

    private func answered(_ answer: SiblingConnection.Answer?, on connection: SiblingConnection) {
        guard onEnd != nil else { return }
        if let answer {
            guard case .failed(let failure) = answer.outcome, attempts.count > 1 || !addresses.isEmpty else {
                return report(answer, connection)
            }
            // Another address may belong to the machine that is meant.
            self.failure = failure
            connection.close()
        } else {
            failure = connection.failure ?? .closed
        }
        attempts.removeAll { $0 === connection }
        attemptNext()
        if attempts.isEmpty { end(.failed(failure)) }
    }

    private func report(_ answer: SiblingConnection.Answer, _ connection: SiblingConnection?) {
        guard let onEnd else { return }
        self.onEnd = nil
        for timer in timers { timer.cancel() }
        timers = []
        let attempts = attempts
        self.attempts = []
        // Told before the connections close, so that it has been counted by the time the peers see that.
        onEnd(answer, isKept ? connection : nil)
        for attempt in attempts where !isKept || attempt !== connection { attempt.close() }
    }
}
