package import RelayCore

/// The sums over all loops at one moment.
package struct EngineStatistics: Sendable {
    package let clients: Int
    package let rooms: Int
    package let openConnections: Int
    package let webSockets: Int
    package let messagesReceived: Int
    package let deliveries: Int
    package let bytesReceived: Int
    package let bytesSent: Int
    package let sends: Int
    package let closes: Int
    package let idleDrops: Int
    package let badRequests: Int
    package let limitsStruck: [(limit: Limit, count: Int)]
    package let origins: OriginSnapshot

    init(loops: [LoopCounters], admission: Admission, origins: OriginCensus) {
        func sum(_ value: (LoopCounters) -> Int) -> Int { loops.reduce(0) { $0 + value($1) } }
        clients = sum { $0.clients.current }
        rooms = admission.roomCount
        openConnections = sum { $0.openConnections.current }
        webSockets = admission.webSockets
        messagesReceived = sum { $0.messagesReceived.current }
        deliveries = sum { $0.deliveries.current }
        bytesReceived = sum { $0.bytesReceived.current }
        bytesSent = sum { $0.bytesSent.current }
        sends = sum { $0.sends.current }
        closes = sum { $0.closes.current }
        idleDrops = sum { $0.idleDrops.current }
        badRequests = sum { $0.badRequests.current }
        limitsStruck = Limit.allCases.map { limit in (limit, sum { $0.limitsStruck.current(limit) }) }
        self.origins = origins.snapshot()
    }
}
