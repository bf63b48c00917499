/// The messages of one sender of which only so many may be under way; each is finished when all its receivers have it.
struct WindowedFlow: Sendable {
    let window: Int
    let receivers: Int
    private(set) var sent = 0
    private(set) var finished = 0
    /// Of the messages under way, by their number modulo the window.
    private var sentAt: [UInt64]
    private var missing: [Int]

    init(window: Int, receivers: Int) {
        self.window = window
        self.receivers = receivers
        sentAt = Array(repeating: 0, count: window)
        missing = Array(repeating: 0, count: window)
    }

    var outstanding: Int { sent - finished }

    /// Sends as many messages as the window has room for.
    ///
    /// - Returns: how many.
    mutating func fill(at now: UInt64) -> Int {
        let count = window - outstanding
        for number in sent..<sent + count {
            sentAt[number % window] = now
            missing[number % window] = receivers
        }
        sent += count
        return count
    }

    /// One receiver has these messages, which it gets in their order.
    ///
    /// - Parameter finish: called for each message that all have now, with the time at which it was sent.
    /// - Returns: false if one of them was not under way.
    @inline(__always)
    mutating func arrived(_ numbers: Range<Int>, finish: (UInt64) -> Void) -> Bool {
        guard numbers.lowerBound >= finished, numbers.upperBound <= sent else { return false }
        for number in numbers {
            let place = number % window
            missing[place] -= 1
            if missing[place] == 0 {
                finished += 1
                finish(sentAt[place])
            }
        }
        return true
    }
}
