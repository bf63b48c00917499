import RelayCore

@testable import RelayEngine

/// The statistics of an engine on which certain things have happened.
struct MadeUpStatistics {
    let loops: [LoopCounters]
    let admission = Admission(maxConnections: 0, maxRooms: 0, missesPerMinute: 0)
    let origins = OriginCounters()
    var bounds = EngineBounds()

    init(loops: Int = 1) {
        self.loops = (0..<loops).map { _ in LoopCounters() }
    }

    var statistics: EngineStatistics {
        EngineStatistics(loops: loops, admission: admission, origins: origins, bounds: bounds)
    }

    /// Connections from an origin, the first of which creates a room that the others join.
    func play(from origin: String, members: Int) throws {
        let id = origins.connectionOpened(from: origin).id
        origins.roomCreated(id)
        try admission.admitRoom()
        for _ in 1..<members {
            _ = origins.connectionOpened(from: origin)
            origins.clientJoined(id)
        }
        loops[0].relay.clients.add(members)
    }
}
