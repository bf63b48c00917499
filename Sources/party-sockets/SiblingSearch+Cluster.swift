internal import Logging
internal import RelayCluster
internal import RelayCore
internal import RelayEngine
internal import RelayServer
internal import ServiceLifecycle

extension SiblingSearch {
    /// Joins the relay to its cluster, and starts the event loop for DNS and probes.
    ///
    /// - Parameter secret: what siblings know each other by; without one, rooms are not handed over.
    init(_ configuration: ClusterConfiguration, secret: ClusterSecret?, logger: Logger) throws {
        let cluster = try Cluster(configuration, logger: logger)
        self.init(
            locate: { await cluster.locate($0) }, rendezvous: { cluster.rendezvous() },
            hasReadyPeer: { await cluster.hasReadyPeer() }, isListed: { cluster.machines().isListed($0) },
            taker: secret.map { RoomTaker(cluster, secret: $0) },
            metrics: { cluster.statistics().families }, service: ClusterService(cluster: cluster))
    }
}

extension RoomTaker {
    fileprivate init(_ cluster: Cluster, secret: ClusterSecret) {
        self.init(
            isThere: { await cluster.hasTaker() },
            give: { code, record, former in
                let result = await cluster.handOver(code, record: record, after: former, secret: secret)
                guard case .taken(let sibling) = result else { return nil }
                return sibling
            },
            takeBack: { code, sibling in await cluster.takeBack(code, from: sibling, secret: secret) })
    }
}

/// The service that keeps the cluster running for as long as the relay may need it.
private struct ClusterService: Service, CustomStringConvertible {
    let cluster: Cluster
    let description = "cluster"

    func run() async {
        // Cancelled or shut down gracefully: the search ends either way.
        try? await gracefulShutdown()
        await cluster.shutdown()
    }
}

extension ClusterStatistics {
    fileprivate var families: [MetricFamily] {
        [
            family(
                "party_sockets_sibling_lookups_total",
                "Lookups of rooms on the siblings, by how they ended; requests for the same room share one.", lookups),
            family(
                "party_sockets_sibling_probes_total", "Requests to siblings during lookups, by how they ended.",
                probes),
            family(
                "party_sockets_rooms_handed_over_total",
                "Rooms that a drain has given to siblings, or tried to, by how that ended.", handovers),
            family("party_sockets_dns_queries_total", "Queries to the private DNS, by how they ended.", queries),
            MetricFamily(
                "party_sockets_sibling_lookup_seconds",
                "How long lookups of rooms on the siblings took, however they ended; refused ones are left out.",
                .histogram(lookupTimes.snapshot)),
            MetricFamily(
                "party_sockets_siblings", "Other machines of the region that the private DNS listed last.",
                .gauge([.init(.count(siblings))])),
            MetricFamily(
                "party_sockets_suspect_siblings",
                "Siblings that were silent for much longer than usual, and have not answered since.",
                .gauge([.init(.count(suspects))])),
            MetricFamily(
                "party_sockets_room_lookups_first_right_total",
                "Lookups that found the room with their first question, and asked no other.",
                .counter([.init(.count(firstRight))])),
            MetricFamily(
                "party_sockets_sibling_connections", "Connections to siblings that are kept open.",
                .gauge([.init(.count(keptConnections))])),
        ]
    }

    private func family<Result>(_ name: String, _ help: String, _ tally: Tally<Result>) -> MetricFamily {
        MetricFamily(name, help, .counter(tally.rows.map { .init([.init("result", $0.label)], .count($0.count)) }))
    }
}
