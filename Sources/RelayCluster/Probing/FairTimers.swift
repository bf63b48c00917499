internal import NIOCore

/// Waits for somebody else, which do not end because we were late ourselves.
///
/// An event loop that has much to do runs its timers before it reads what has arrived meanwhile. At its end, a wait
/// therefore gets a few milliseconds more, and more again as long as the loop is behind. One timer serves all waits that
/// have come so far, so that they do not hold up the loop themselves. Loop-bound.
final class FairTimers {
    /// The time in which a loop that is not behind has read what there is.
    private static let round = TimeAmount.milliseconds(5)
    /// The lateness of a timer by which a loop is behind.
    private static let lateness = TimeAmount.milliseconds(10)
    /// No wait is longer than for so many rounds in which the loop was behind.
    private static let mostLateRounds = 100

    private let loop: any EventLoop
    private var lateRounds = 0
    /// The waits that end after this round, and those that have come during it.
    private var ending: [FairTimer] = []
    private var waiting: [FairTimer] = []
    private var isRunning = false

    init(on loop: any EventLoop) {
        self.loop = loop
    }

    /// Calls back a little after that time, unless the timer is cancelled.
    func schedule(at due: NIODeadline, _ body: @escaping () -> Void) -> FairTimer {
        let timer = FairTimer(due: due, body)
        timer.scheduled = loop.assumeIsolated().scheduleTask(deadline: due) {
            self.waiting.append(timer)
            if !self.isRunning { self.runRound() }
        }
        return timer
    }

    private func runRound() {
        isRunning = true
        if lateRounds == 0 { (ending, waiting) = (waiting, []) }
        let end = NIODeadline.now() + FairTimers.round
        loop.assumeIsolated().scheduleTask(deadline: end) {
            self.roundEnded(isLate: .now() - end > FairTimers.lateness)
        }
    }

    private func roundEnded(isLate: Bool) {
        if isLate, lateRounds < FairTimers.mostLateRounds {
            lateRounds += 1
            return runRound()
        }
        lateRounds = 0
        let ended = ending
        ending = []
        for timer in ended { timer.fire() }
        if waiting.isEmpty { isRunning = false } else { runRound() }
    }
}

/// One wait.
final class FairTimer {
    let due: NIODeadline
    fileprivate var scheduled: Scheduled<Void>?
    private var body: (() -> Void)?

    fileprivate init(due: NIODeadline, _ body: @escaping () -> Void) {
        self.due = due
        self.body = body
    }

    func cancel() {
        scheduled?.cancel()
        body = nil
    }

    fileprivate func fire() {
        let body = body
        self.body = nil
        body?()
    }
}
