/// The position of an open loop in its schedule: the message due next, and those already sent.
struct PacedSending: Sendable {
    private let rate: Double
    private let senders: Int
    private var schedule: PacedSchedule
    /// Messages sent by all senders together.
    private var sent = 0
    /// The time of the next message; `.max` before the start and after the stop.
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
    /// - Returns: its sender's number, or nil if nothing is due.
    @inline(__always)
    mutating func popDue(at now: UInt64) -> Int? {
        guard nextDue <= now else { return nil }
        defer {
            sent += 1
            nextDue = schedule.due(sent)
        }
        return sent % senders
    }

    /// True once a sender has sent its message of this number, counted from 0.
    @inline(__always)
    func hasSent(_ message: Int, of sender: Int) -> Bool { message * senders + sender < sent }

    /// The scheduled time of a sender's own message, counted from 0.
    @inline(__always)
    func due(_ message: Int, of sender: Int) -> UInt64 { schedule.due(message, of: sender) }

    /// Messages sent by one sender.
    func count(of sender: Int) -> Int { (sent - sender + senders - 1) / senders }
}
