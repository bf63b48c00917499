internal import NIOConcurrencyHelpers
internal import RelayCore

/// The counts by origin, shared by the loops.
///
/// A lock and not an actor, since they are changed on the way of an upgrade and a join and read by a scrape;
/// never held around anything but the count itself.
final class OriginCounters: Sendable {
    private let table = NIOLockedValueBox(OriginTable())

    func connectionOpened(from origin: String) -> OriginID {
        table.withLockedValue { $0.connectionOpened(from: origin) }
    }

    /// A room was created, with its creator in it.
    func roomCreated(_ origin: OriginID) {
        table.withLockedValue {
            $0.roomCreated(origin)
            $0.clientJoined(origin)
        }
    }

    /// A room ended while so many were in it.
    func roomEnded(_ origin: OriginID, members: Int) {
        table.withLockedValue { table in
            for _ in 0..<members { table.clientLeft(origin) }
            table.roomEnded(origin)
        }
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
