/// The members that are to be connected, in their order, and the number of handshakes that are under way.
struct OpeningQueue {
    private let limit: Int
    private var waiting: [Member] = []
    /// The first of those who still wait.
    private var next = 0
    private var underWay = 0

    /// - Parameter limit: handshakes that may be under way.
    init(limit: Int) {
        self.limit = limit
    }

    var isEmpty: Bool { underWay == 0 && next == waiting.count }

    mutating func append(contentsOf members: some Sequence<Member>) {
        waiting.append(contentsOf: members)
    }

    /// Takes the next member that may be connected; nil where there is none, or as many handshakes as may be.
    mutating func popNext() -> Member? {
        while underWay < limit, next < waiting.count {
            let member = waiting[next]
            next += 1
            if member.canConnect { return member }
        }
        if next > 0, next == waiting.count { _ = removeAll() }
        return nil
    }

    /// - Returns: how many have waited.
    mutating func removeAll() -> Int {
        let count = waiting.count - next
        waiting.removeAll(keepingCapacity: true)
        next = 0
        return count
    }

    /// A handshake has begun.
    mutating func begin() { underWay += 1 }

    /// A handshake has ended, in a room or not.
    mutating func end() { underWay -= 1 }
}
