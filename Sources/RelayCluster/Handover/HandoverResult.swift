package import RelayCore

/// What has come of giving a room to a sibling.
package enum HandoverResult: Sendable, Equatable {
    /// This sibling has the room.
    case taken(by: InstanceID)
    /// Siblings were asked, and have said no.
    case refused
    /// No sibling takes rooms.
    case noSibling
    /// A sibling could not be reached, or broke off; where it may have taken the room, it was told to forget it again.
    case failed
    /// The same, for one that did not answer in time.
    case timedOut
    /// The caller has given up, or the cluster has been shut down.
    case cancelled

    var kind: ClusterStatistics.HandoverResult {
        switch self {
        case .taken: .taken
        case .refused: .refused
        case .noSibling: .noSibling
        case .failed: .failed
        case .timedOut: .timedOut
        case .cancelled: .cancelled
        }
    }
}
