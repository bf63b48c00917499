package import RelayCore
package import RelayEngine
package import ServiceLifecycle

/// Whether some other machine takes new games.
///
/// It comes to an end by itself within seconds, and at once when its task is cancelled.
package typealias HasPlaceElsewhere = @Sendable () async -> Bool

/// The search for rooms on other machines, as the server needs it.
///
/// The server knows no cluster and the cluster no server: whoever starts the server joins the two by this.
package struct SiblingSearch: Sendable {
    /// Asks the siblings for a room.
    package let locate: LocateRoom
    /// Asks the others whether they take new games.
    package let hasPlaceElsewhere: HasPlaceElsewhere
    /// What the search has counted so far, for a scrape.
    package let metrics: @Sendable () -> [MetricFamily]
    /// Runs until the relay has ended, and then ends the search.
    package let service: any Service

    package init(
        locate: @escaping LocateRoom, hasPlaceElsewhere: @escaping HasPlaceElsewhere,
        metrics: @escaping @Sendable () -> [MetricFamily], service: any Service
    ) {
        self.locate = locate
        self.hasPlaceElsewhere = hasPlaceElsewhere
        self.metrics = metrics
        self.service = service
    }
}
