/// The messages of one sender that keeps a window in flight. A message is finished when all its receivers have it.
struct WindowedFlow: Sendable {
    let window: Int
    let receivers: Int
    private(set) var sent = 0
    private(set) var finished = 0
    /// The messages in flight, by their number modulo the window.
    private var underWay: [Message]

    private struct Message {
        var sentAt: UInt64 = 0
        /// Receivers that do not have the message yet.
        var missing = 0
    }

    init(window: Int, receivers: Int) {
        self.window = window
        self.receivers = receivers
        underWay = Array(repeating: Message(), count: window)
    }

    var outstanding: Int { sent - finished }
    var hasRoom: Bool { outstanding < window }

    /// Fills the window with new messages.
    ///
    /// - Returns: the number of messages to send.
    mutating func fill(at now: UInt64) -> Int {
        let count = window - outstanding
        for number in sent..<sent + count {
            underWay[number % window] = Message(sentAt: now, missing: receivers)
        }
        sent += count
        return count
    }

    /// Notes that one receiver has these messages. Each receiver gets all messages in order.
    ///
    /// - Parameter finish: called for each message that all receivers now have, with the time it was sent.
    /// - Returns: false if one of the messages was not in flight.
    @inline(__always)
    mutating func arrived(_ numbers: Range<Int>, finish: (UInt64) -> Void) -> Bool {
        guard numbers.lowerBound >= finished, numbers.upperBound <= sent else { return false }
        var count = 0
        let window = window
        var messages = underWay.mutableSpan
        for number in numbers {
            let place = number % window
            messages[place].missing -= 1
            if messages[place].missing == 0 {
                count += 1
                finish(messages[place].sentAt)
            }
        }
        finished += count
        return true
    }
}
