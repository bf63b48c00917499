/// The nonces of the orders that a machine has followed, for as long as a copy of one would pass for timely.
///
/// Only authentic orders are noted, so nobody without the secret can fill it. Two generations, of which the older is
/// dropped as a whole: no order needs a timer or a place in a queue.
package struct SeenNonces: Sendable {
    /// Far more rooms than machines hand over within the window, in each generation.
    package static let mostInGeneration = 32_768
    /// An order is timely for twice the window at most: from a clock that is ahead by it, to one that is behind.
    private static let generationSeconds = 2 * HandoverSignature.window

    private var current: Set<HandoverOrder.Nonce> = []
    private var previous: Set<HandoverOrder.Nonce> = []
    private var generationEnds: Int?

    package init() {}

    /// Notes a nonce; false if it was seen before, or if there is no place to note it: the order must be refused.
    ///
    /// - Parameter now: the seconds since 1970, by the clock that the order's time was checked by.
    package mutating func admit(_ nonce: HandoverOrder.Nonce, now: Int) -> Bool {
        turnOver(now: now)
        guard !current.contains(nonce), !previous.contains(nonce), current.count < SeenNonces.mostInGeneration else {
            return false
        }
        current.insert(nonce)
        return true
    }

    private mutating func turnOver(now: Int) {
        let end = generationEnds ?? now + SeenNonces.generationSeconds
        generationEnds = end
        guard now >= end else { return }
        // After a long silence both have ended.
        previous = now - end < SeenNonces.generationSeconds ? current : []
        current = []
        generationEnds = now + SeenNonces.generationSeconds
    }
}
