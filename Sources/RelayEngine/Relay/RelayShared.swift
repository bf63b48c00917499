internal import Logging
internal import NIOConcurrencyHelpers
internal import RelayCore
internal import RelayWire

/// The state that the loops of one relay share. All of it may be used from any of their threads.
final class RelayShared: Sendable {
    let configuration: EngineConfiguration
    let service: any HTTPService
    /// Nil where there are no siblings to ask.
    let locate: LocateRoom?
    /// Whether the list of the cluster's machines names one; nil where there is no such list.
    let isListed: IsListed?
    let unreachable = NIOLockedValueBox(UnreachableMachines())
    /// The orders to take rooms that were followed.
    let seenNonces = NIOLockedValueBox(SeenNonces())
    /// Nil where there are no siblings.
    let rendezvous: RegionRendezvous?
    let admission: Admission
    let origins = OriginCounters()
    let typedCodes: TypedCodes
    let handshakeLog: HandshakeLog
    let doubts: CallerDoubts
    let counters: [LoopCounters]

    init(
        configuration: EngineConfiguration, service: any HTTPService, locate: LocateRoom?, isListed: IsListed?,
        rendezvous: RegionRendezvous? = nil, logger: Logger
    ) {
        self.configuration = configuration
        self.service = service
        self.locate = locate
        self.isListed = isListed
        self.rendezvous = rendezvous
        admission = Admission(
            maxConnections: configuration.maxConnections, maxRooms: configuration.maxRooms,
            missesPerMinute: configuration.missesPerMinute,
            maxConnectionsPerAddress: configuration.maxConnectionsPerAddress,
            maxRoomsPerAddress: configuration.maxRoomsPerAddress)
        typedCodes = TypedCodes(configuration.codes)
        handshakeLog = HandshakeLog(logger)
        doubts = CallerDoubts(header: configuration.clientIPHeader?.description ?? "", logger: logger)
        counters = (0..<configuration.loops).map { _ in LoopCounters() }
    }

    /// The loop that owns a room: a function of its code alone, so that no table need be shared.
    ///
    /// Fibonacci hashing: multiplied by an odd number near 2^64 over the golden ratio, so that every bit of a code
    /// counts.
    func owner(of code: RoomCode) -> Int {
        let mixed = code.number &* 0x9E37_79B9_7F4A_7C15
        return Int((mixed >> 32) % UInt64(counters.count))
    }

    /// A place for one more room, so that all loops have about as many.
    ///
    /// - Parameters:
    ///   - own: the loop of its creator.
    ///   - isMemoryShort: true if a dormant room may have to make way for it.
    func placeForRoom(from own: Int, isMemoryShort: Bool) -> RoomPlace {
        if admission.isFullOfRooms || isMemoryShort, let loop = loopOfDormantRooms(from: own) {
            return place(onLoop: loop)
        }
        return place(onLoop: RoomPlace.loop(forRoomFrom: own, with: counters.map(\.rooms.current)))
    }

    func place(onLoop loop: Int) -> RoomPlace {
        RoomPlace(onLoop: loop, of: counters.map(\.rooms))
    }

    /// A loop that has a dormant room, which makes way for another one; the creator's own if it has.
    func loopOfDormantRooms(from own: Int) -> Int? {
        (own..<own + counters.count).map { $0 % counters.count }.first { counters[$0].relay.dormantRooms.current > 0 }
    }

    /// True if other machines may hand their rooms over to this one.
    var takesRooms: Bool {
        configuration.clusterSecret != nil && configuration.emptyGrace > 0 && admission.readiness == .ready
    }

    /// The number of members of all rooms.
    var clients: Int { max(counters.reduce(0) { $0 + $1.relay.clients.current }, 0) }

    func statistics() -> EngineStatistics {
        EngineStatistics(
            loops: counters, admission: admission, origins: origins, bounds: EngineBounds(configuration))
    }
}
