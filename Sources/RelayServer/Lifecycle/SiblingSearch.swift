package import RelayCore
package import RelayEngine
package import ServiceLifecycle

/// A query that is true if another machine takes new games.
///
/// It ends by itself within seconds, and at once when its task is cancelled.
package typealias HasReadyPeer = @Sendable () async -> Bool

/// The search on other machines, as the server needs it.
///
/// The server does not know the cluster, nor the cluster the server: the executable joins them through this.
package struct SiblingSearch: Sendable {
    /// Asks the siblings for a room.
    package let locate: LocateRoom
    /// The machines of our region, for the draw of codes.
    package let rendezvous: RegionRendezvous
    /// Asks the other machines whether they take new games.
    package let hasReadyPeer: HasReadyPeer
    /// Whether the list of machines names one.
    package let isListed: IsListed
    /// Gives rooms to siblings; nil where that is not set up.
    package let taker: RoomTaker?
    /// The metrics of the search, for a scrape.
    package let metrics: @Sendable () -> [MetricFamily]
    /// Runs until the relay has ended, and then ends the search.
    package let service: any Service

    package init(
        locate: @escaping LocateRoom, rendezvous: @escaping RegionRendezvous, hasReadyPeer: @escaping HasReadyPeer,
        isListed: @escaping IsListed, taker: RoomTaker?,
        metrics: @escaping @Sendable () -> [MetricFamily], service: any Service
    ) {
        self.locate = locate
        self.rendezvous = rendezvous
        self.hasReadyPeer = hasReadyPeer
        self.isListed = isListed
        self.taker = taker
        self.metrics = metrics
        self.service = service
    }
}
