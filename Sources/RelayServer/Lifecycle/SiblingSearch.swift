package import RelayCore
package import RelayEngine
package import ServiceLifecycle

/// Whether some other machine takes new games.
///
/// It comes to an end by itself within seconds, and at once when its task is cancelled.
package typealias HasReadyPeer = @Sendable () async -> Bool

/// The search for rooms on other machines, as the server needs it.
///
/// The server knows no cluster and the cluster no server: whoever starts the server joins the two by this.
package struct SiblingSearch: Sendable {
    /// Asks the siblings for a room.
    package let locate: LocateRoom
    /// Asks the others whether they take new games.
    package let hasReadyPeer: HasReadyPeer
    /// What the search has counted so far, for a scrape.
    package let metrics: @Sendable () -> [MetricFamily]
    /// Runs until the relay has ended, and then ends the search.
    package let service: any Service

    package init(
        locate: @escaping LocateRoom, hasReadyPeer: @escaping HasReadyPeer,
        metrics: @escaping @Sendable () -> [MetricFamily], service: any Service
    ) {
        self.locate = locate
        self.hasReadyPeer = hasReadyPeer
        self.metrics = metrics
        self.service = service
    }
}
