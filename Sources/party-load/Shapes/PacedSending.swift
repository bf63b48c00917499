/// The progress of an open loop in its schedule: which message is due next, and which have been sent.
struct PacedSending: Sendable {
    private let rate: Double
    private let senders: Int
    private var schedule: PacedSchedule
    /// Messages sent, of all senders.
    private var sent = 0
    /// When the next message is to be sent; never, while it does not run.
    private(set) var nextDue = UInt64.max

    init(rate: Double, senders: Int) {
        self.rate = rate
        self.senders = senders
        schedule = PacedSchedule(start: .max, rate: rate, senders: senders)
    }

    var isRunning: Bool { nextDue < .max }

    mutating func begin(at start: UInt64) {
        schedule = PacedSchedule(start: start, rate: rate, senders: senders)
        nextDue = schedule.due(0)
    }

    mutating func stop() { nextDue = .max }

    /// Takes the next message that is due.
    ///
    /// - Returns: the number of its sender; nil where nothing is due.
    @inline(__always)
    mutating func popDue(at now: UInt64) -> Int? {
        guard nextDue <= now else { return nil }
        defer {
            sent += 1
            nextDue = schedule.due(sent)
        }
        return sent % senders
    }

    /// Whether a sender has sent its message of this number, counted from 0.
    @inline(__always)
    func hasSent(_ message: Int, of sender: Int) -> Bool { message * senders + sender < sent }

    /// When a sender's own message was to be sent, counted from 0.
    @inline(__always)
    func due(_ message: Int, of sender: Int) -> UInt64 { schedule.due(message, of: sender) }

    /// How many messages one sender has sent.
    func count(of sender: Int) -> Int { (sent - sender + senders - 1) / senders }
}
