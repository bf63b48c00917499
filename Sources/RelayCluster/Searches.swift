internal import NIOCore

/// What runs on the cluster's loop: two kinds of searches, and the directory that both look into.
struct Searches {
    let rooms: RoomLocator
    let places: PlaceFinder
    private let directory: PeerDirectory

    init(
        _ configuration: ClusterConfiguration, names: any NameLookup, limits: ClusterLimits, on loop: any EventLoop,
        journal: ClusterJournal
    ) {
        directory = PeerDirectory(configuration, names: names, times: limits.names, on: loop, journal: journal)
        rooms = RoomLocator(in: directory, limits: limits, on: loop, journal: journal)
        places = PlaceFinder(in: directory, limits: limits, on: loop, journal: journal)
    }

    /// Ends everything. What is given back is to be awaited before the loop ends.
    func stop() -> [Task<Void, Never>] {
        rooms.stop()
        places.stop()
        return directory.stop()
    }
}
