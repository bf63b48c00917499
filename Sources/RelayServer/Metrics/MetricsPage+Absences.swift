internal import RelayCore
internal import RelayEngine

/// The metrics of rooms that outlive their connections, or this machine.
extension MetricsPage {
    func absences(_ statistics: EngineStatistics) -> [MetricFamily] {
        [
            .gauge(
                "party_sockets_rooms_dormant", "Rooms without connections, kept for their own players.",
                statistics.dormantRooms),
            .counter(
                "party_sockets_rooms_expired_total",
                "Rooms that ended without connections: nobody came back in time, or they made way for others.",
                by: "reason", statistics.expired),
            .counter(
                "party_sockets_rooms_received_total", "Orders of other machines to take a room, by what came of them.",
                by: "result", statistics.arrivals),
            .counter(
                "party_sockets_rooms_restored_total", "Rooms that came back after a restart.", statistics.restored),
            .counter(
                "party_sockets_unknown_answers_total",
                "Requests told to try again, as nobody could tell where their room was.", statistics.unknownAnswers),
        ]
    }
}
