package import RelayCore

/// The counters of one loop's rooms. Only the loop's own thread adds; a scrape may read on any thread.
package final class RelayCounters: Sendable {
    /// Members of rooms.
    package let clients = Counter()
    /// Rooms without connections.
    package let dormantRooms = Counter()
    /// Dormant rooms that have ended, by cause.
    package let expired = CounterTable<Expiry, 3>()
    /// Orders of other machines to take a room, by result.
    package let arrivals = CounterTable<Arrival, 7>()
    /// Rooms that have come back after a restart.
    package let restored = Counter()
    /// Requests and joins that were answered "try again", since nobody could tell where their room is.
    package let unknownAnswers = Counter()
    /// Messages queued for members: a broadcast to three counts as three.
    package let deliveries = Counter()
    package let joins = CounterTable<JoinKind, 3>()
    /// `error` messages sent.
    package let errors = CounterTable<RelayError.Kind, 34>()
    /// Answers that asked the proxy to deliver a request elsewhere.
    package let replays = CounterTable<ReplayKind, 5>()
    /// Requests that came back because their replay failed.
    package let replayFallbacks = Counter()
    /// WebSocket handshakes refused.
    package let handshakesRefused = CounterTable<HandshakeRefusal, 10>()
    package let limitsExceeded = CounterTable<Limit, 23>()

    package init() {}
}

/// The counters of one loop, of its rooms and of its transport.
package struct LoopCounters: Sendable {
    package let relay = RelayCounters()
    package let transport = TransportCounters()
    package let rooms = RoomCount()

    package init() {}
}

extension [LoopCounters] {
    /// True if all loops use io_uring.
    var useIOUring: Bool { allSatisfy(\.transport.worksInBatches) }
}
