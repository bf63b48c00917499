package import RelayCore

/// The sums over all loops at one moment.
///
/// The loops keep running while they are read, so a gauge that is a difference of two may be slightly off, but never
/// negative.
package struct EngineStatistics: Sendable {
    package let clients: Int
    /// The rooms that have members.
    package let rooms: Int
    package let dormantRooms: Int
    package let openConnections: Int
    package let webSockets: Int
    package let connectionsByState: [ConnectionState: Int]
    package let queuedBytes: Int
    package let slowReaders: Int
    /// Rooms by the event loop that has them.
    package let roomsByLoop: [Int]
    /// Connections by the event loop that has them.
    package let connectionsByLoop: [Int]
    package let bufferedBytes: Int
    /// The rooms' own memory.
    package let roomBytes: Int
    package let isDraining: Bool
    /// True if every loop sends to many connections, and reads from many, with one call (io_uring).
    package let usesIOUring: Bool
    package let bounds: EngineBounds

    package let messagesReceived: Int
    package let deliveries: Int
    package let bytesReceived: Int
    package let bytesSent: Int
    package let sends: Int
    package let sendBatches: Int
    package let receiveBatches: Int
    package let closes: [CloseReason: Int]
    package let joins: [JoinKind: Int]
    package let expired: [Expiry: Int]
    package let arrivals: [Arrival: Int]
    package let restored: Int
    package let unknownAnswers: Int
    package let errors: [RelayError.Kind: Int]
    package let replays: [ReplayKind: Int]
    package let replayFallbacks: Int
    package let idleDrops: Int
    package let badRequests: Int
    package let handshakesRefused: [HandshakeRefusal: Int]
    package let limitsExceeded: [Limit: Int]
    package let relayTime: HistogramSnapshot
    package let turnTime: HistogramSnapshot
    package let origins: OriginSnapshot

    init(loops: [LoopCounters], admission: Admission, origins: OriginCounters, bounds: EngineBounds) {
        func sum(_ value: (LoopCounters) -> Int) -> Int { loops.reduce(0) { $0 + value($1) } }
        func level(_ value: (LoopCounters) -> Int) -> Int { max(sum(value), 0) }
        func table<Key: CounterKey>(_ value: (LoopCounters, Key) -> Int) -> [Key: Int] {
            Dictionary(uniqueKeysWithValues: Key.allCases.map { key in (key, sum { value($0, key) }) })
        }
        clients = level { $0.relay.clients.current }
        rooms = admission.roomCount
        dormantRooms = admission.dormantCount
        openConnections = level { $0.transport.openConnections.current }
        webSockets = admission.webSockets
        connectionsByState = EngineStatistics.states(
            of: table { $0.transport.connectionsByPhase.current($1) }, members: sum { $0.relay.clients.current })
        queuedBytes = level { $0.transport.queuedBytes.current }
        slowReaders = level { $0.transport.slowReaders.current }
        roomsByLoop = loops.map(\.rooms.current)
        connectionsByLoop = loops.map { max($0.transport.openConnections.current, 0) }
        bufferedBytes = level { $0.transport.bufferedBytes.current }
        roomBytes = level { $0.transport.handlerBytes.current }
        isDraining = admission.isDraining
        usesIOUring = loops.useIOUring
        self.bounds = bounds
        messagesReceived = sum { $0.transport.messagesReceived.current }
        deliveries = sum { $0.relay.deliveries.current }
        bytesReceived = sum { $0.transport.bytesReceived.current }
        bytesSent = sum { $0.transport.bytesSent.current }
        sends = sum { $0.transport.sends.current }
        sendBatches = sum { $0.transport.sendBatches.current }
        receiveBatches = sum { $0.transport.receiveBatches.current }
        closes = table { $0.transport.closes.current($1) }
        joins = table { $0.relay.joins.current($1) }
        expired = table { $0.relay.expired.current($1) }
        arrivals = table { $0.relay.arrivals.current($1) }
        restored = sum { $0.relay.restored.current }
        unknownAnswers = sum { $0.relay.unknownAnswers.current }
        errors = table { $0.relay.errors.current($1) }
        replays = table { $0.relay.replays.current($1) }
        replayFallbacks = sum { $0.relay.replayFallbacks.current }
        idleDrops = sum { $0.transport.idleDrops.current }
        badRequests = sum { $0.transport.badRequests.current }
        handshakesRefused = table { $0.relay.handshakesRefused.current($1) }
        limitsExceeded = EngineStatistics.limits(loops)
        relayTime = HistogramSnapshot(
            sumOf: loops.map { ($0.transport.relayTime.counts, $0.transport.relayTime.total) })
        turnTime = HistogramSnapshot(sumOf: loops.map { ($0.transport.turnTime.counts, $0.transport.turnTime.total) })
        self.origins = origins.snapshot()
    }

    /// The counts of all limits, with the transport's limits under the names that the operator knows.
    private static func limits(_ loops: [LoopCounters]) -> [Limit: Int] {
        var limits = Dictionary(
            uniqueKeysWithValues: Limit.allCases.map { limit in
                (limit, loops.reduce(0) { $0 + $1.relay.limitsExceeded.current(limit) })
            })
        for limit in TransportLimit.allCases {
            for loop in loops { limits[Limit(limit), default: 0] += loop.transport.limitsExceeded.current(limit) }
        }
        return limits
    }

    /// The connections by state: each member of a room is a WebSocket, so the other WebSockets are unseated.
    private static func states(of phases: [CountedPhase: Int], members: Int) -> [ConnectionState: Int] {
        func count(_ phase: CountedPhase) -> Int { max(phases[phase] ?? 0, 0) }
        let seated = min(max(members, 0), count(.webSocket))
        return [
            .http: count(.http), .parked: count(.parked), .unseated: count(.webSocket) - seated, .member: seated,
            .closing: count(.closing),
        ]
    }
}

/// The configured bounds of an engine as a whole; 0 is no bound.
package struct EngineBounds: Hashable, Sendable {
    package var connections = 0
    package var rooms = 0
    package var bufferedBytes = 0
    package var roomBytes = 0

    package init() {}

    init(_ configuration: EngineConfiguration) {
        connections = configuration.maxConnections
        rooms = configuration.maxRooms
        bufferedBytes = configuration.transport.maxBufferedBytes
        roomBytes = MemoryBudget.maxHandlerBytes(of: bufferedBytes)
    }
}

extension HistogramSnapshot {
    /// The sum of histograms that one thread each has counted.
    fileprivate init(sumOf parts: [(counts: [Int], total: Int)]) {
        let bounds = DurationCounters.upperBounds
        var counts = [Int](repeating: 0, count: bounds.count + 1)
        for part in parts {
            for (place, count) in part.counts.enumerated() { counts[place] += count }
        }
        self.init(upperBounds: bounds, counts: counts, sum: parts.reduce(0) { $0 + $1.total })
    }
}
