internal import RelayCore
internal import RelayEngine

// How rooms outlive this process: on a sibling, or in a file.
extension ServerConfiguration {
    mutating func readJourneys(_ environment: EnvironmentVariables) throws(ConfigurationError) {
        engine.clusterSecret = try environment.secret(
            "CLUSTER_SECRET", "at least \(ClusterSecret.fewestCharacters) characters", { ClusterSecret($0) })
        engine.handoffSeconds = try environment.number("HANDOFF_SECONDS", default: engine.handoffSeconds)
        roomsFile = try environment.value("ROOMS_FILE", "the path of a file") { path in
            path.hasSuffix("/") || path.utf8.contains(0) ? nil : path
        }
    }

    /// Warnings about values that keep no room.
    var journeyDoubts: [String] {
        var doubts: [String] = []
        if clusterSecret != nil, cluster == nil {
            doubts.append(
                "CLUSTER_SECRET is set, but this machine knows no siblings: when it drains, it hands its rooms to nobody"
            )
        }
        if clusterSecret != nil, engine.emptyGrace == 0 {
            doubts.append("CLUSTER_SECRET is set, but EMPTY_GRACE_SECONDS is 0: no room is handed over")
        }
        if let roomsFile, let obstacle = RoomsFile(path: roomsFile).obstacle {
            doubts.append("ROOMS_FILE \(roomsFile.debugDescription) could not be written: \(obstacle)")
        }
        if roomsFile != nil, engine.emptyGrace == 0 {
            doubts.append("ROOMS_FILE is set, but EMPTY_GRACE_SECONDS is 0: no room outlives its connections")
        }
        return doubts
    }
}
