/// The send times of an open loop, which do not depend on what becomes of earlier messages.
///
/// All senders have the same period, with their phases spread evenly over it. So messages are due at one steady rate, and
/// a message's number determines its sender.
struct PacedSchedule: Sendable {
    let start: UInt64
    /// The time between two messages of one sender, in nanoseconds.
    let period: Double
    let senders: Int

    init(start: UInt64, rate: Double, senders: Int) {
        self.start = start
        period = Clocks.second / rate
        self.senders = senders
    }

    /// The time of a message, counted from 0 over all senders.
    @inline(__always)
    func due(_ message: Int) -> UInt64 {
        start + UInt64(Double(message) / Double(senders) * period)
    }

    /// The time of a sender's own message, counted from 0.
    @inline(__always)
    func due(_ message: Int, of sender: Int) -> UInt64 {
        due(message * senders + sender)
    }
}
