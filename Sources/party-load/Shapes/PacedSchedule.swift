/// When each message of an open loop is to be sent, whatever has become of those before it.
///
/// All senders have the same period, and their phases lie evenly in it: so message after message is due at one steady
/// rate, and the sender's number follows from the message's.
struct PacedSchedule: Sendable {
    let start: UInt64
    /// Between two messages of one sender, in nanoseconds.
    let period: Double
    let senders: Int

    init(start: UInt64, rate: Double, senders: Int) {
        self.start = start
        period = Clocks.second / rate
        self.senders = senders
    }

    /// When a message is due, counted over all senders from 0.
    @inline(__always)
    func due(_ message: Int) -> UInt64 {
        start + UInt64(Double(message) / Double(senders) * period)
    }

    /// When a sender's own message is due, counted from 0.
    @inline(__always)
    func due(_ message: Int, of sender: Int) -> UInt64 {
        due(message * senders + sender)
    }
}
