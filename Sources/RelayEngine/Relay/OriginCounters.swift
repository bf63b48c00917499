internal import NIOConcurrencyHelpers
internal import RelayCore

/// The counts by origin, shared by the loops.
///
/// A lock and not an actor, since upgrades and joins change them and a scrape reads them; it is held for the count
/// alone.
final class OriginCounters: Sendable {
    private let table = NIOLockedValueBox(OriginTable())

    /// Counts a connection of the origin with this label.
    ///
    /// - Returns: the origin, which all connections of a row of its own share.
    func connectionOpened(from label: String) -> Origin {
        table.withLockedValue { $0.sharedOrigin(of: $0.connectionOpened(from: label), label: label) }
    }

    /// Counts a new room, with its creator in it.
    func roomCreated(_ origin: OriginID) {
        table.withLockedValue {
            $0.roomCreated(origin)
            $0.clientJoined(origin)
        }
    }

    /// Counts the end of a room that had this many members, or that it is dormant now.
    func roomEnded(_ origin: OriginID, members: Int) {
        table.withLockedValue { table in
            for _ in 0..<members { table.clientLeft(origin) }
            table.roomEnded(origin)
        }
    }

    /// Counts a dormant room that is woken up, as one that is there.
    func roomReturned(of origin: Origin) -> Origin {
        table.withLockedValue { $0.sharedOrigin(of: $0.roomReturned(of: origin.label), label: origin.label) }
    }

    func clientJoined(_ origin: OriginID) {
        table.withLockedValue { $0.clientJoined(origin) }
    }

    func clientLeft(_ origin: OriginID) {
        table.withLockedValue { $0.clientLeft(origin) }
    }

    func snapshot() -> OriginSnapshot {
        table.withLockedValue { $0.snapshot() }
    }
}

extension OriginTable {
    /// The origin that all who are counted in a row share; one of its own for who is counted among the others.
    fileprivate func sharedOrigin(of id: OriginID, label: String) -> Origin {
        origin(of: id) ?? Origin(id: id, label: label)
    }
}
