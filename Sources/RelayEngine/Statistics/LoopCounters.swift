internal import Synchronization

/// A number that one thread changes and any thread may read.
///
/// With a single writer a load and a store do, which cost no more than a plain integer.
package struct Counter: ~Copyable, Sendable {
    private let value = Atomic<Int>(0)

    init() {}

    package var current: Int { value.load(ordering: .relaxed) }

    @inline(__always)
    func add(_ amount: Int) {
        value.store(value.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
    }
}

/// What one loop counts. Only the loop's own thread adds; a scrape reads from any other.
package final class LoopCounters: Sendable {
    /// Members of rooms.
    package let clients = Counter()
    /// Sockets of every kind and phase.
    package let openConnections = Counter()
    package let messagesReceived = Counter()
    /// Messages queued for members: a broadcast to three counts three.
    package let deliveries = Counter()
    package let bytesReceived = Counter()
    package let bytesSent = Counter()
    /// Calls that sent something.
    package let sends = Counter()
    /// Close frames sent.
    package let closes = Counter()
    /// Connections dropped because they said nothing.
    package let idleDrops = Counter()
    /// Requests that were no HTTP that is spoken here.
    package let badRequests = Counter()
    package let limitsStruck = LimitCounters()

    package init() {}
}

/// A counter for each limit.
package struct LimitCounters: ~Copyable, Sendable {
    // One for each case of `Limit`; a limit's place is its place among the cases.
    private let counters = InlineArray<15, Counter> { _ in Counter() }
    private static let places = Dictionary(uniqueKeysWithValues: Limit.allCases.enumerated().map { ($1, $0) })

    init() {
        precondition(Limit.allCases.count == counters.count, "one counter for each limit")
    }

    package func current(_ limit: Limit) -> Int {
        counters[LimitCounters.places[limit, default: 0]].current
    }

    func add(_ amount: Int, for limit: Limit) {
        counters[LimitCounters.places[limit, default: 0]].add(amount)
    }
}
