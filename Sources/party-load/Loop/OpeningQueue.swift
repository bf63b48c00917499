/// The queue of members to connect, and the number of handshakes in progress.
struct OpeningQueue {
    private let limit: Int
    private var waiting: [Member] = []
    /// The index of the first member that still waits.
    private var next = 0
    private var underWay = 0

    /// - Parameter limit: the number of handshakes that may be in progress at once.
    init(limit: Int) {
        self.limit = limit
    }

    var isEmpty: Bool { underWay == 0 && next == waiting.count }

    mutating func append(contentsOf members: some Sequence<Member>) {
        waiting.append(contentsOf: members)
    }

    /// Takes the next member that can connect; nil if there is none, or the limit is reached.
    mutating func popNext() -> Member? {
        while underWay < limit, next < waiting.count {
            let member = waiting[next]
            next += 1
            if member.canConnect { return member }
        }
        if next > 0, next == waiting.count { _ = removeAll() }
        return nil
    }

    /// Gives up all members that still wait.
    ///
    /// - Returns: their number.
    mutating func removeAll() -> Int {
        let count = waiting.count - next
        waiting.removeAll(keepingCapacity: true)
        next = 0
        return count
    }

    /// A handshake has begun.
    mutating func begin() { underWay += 1 }

    /// A handshake has ended, successfully or not.
    mutating func end() { underWay -= 1 }
}
