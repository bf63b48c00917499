/// The counts of one origin, or of several together.
package struct OriginCounts: Hashable, Sendable {
    /// WebSocket connections opened and rooms created since the start: these only grow.
    package var connections = 0
    package var roomsCreated = 0
    /// Current rooms and their connected members.
    package var liveRooms = 0
    package var liveClients = 0

    package init() {}
}

/// Counts per origin in bounded memory, since clients choose the `Origin` header.
///
/// At most `maxTracked` origins have a row. The one counted longest ago makes way for a new one, and its counts move to
/// `__other__`, so the sums over all rows stay right.
package struct OriginTable: Sendable {
    package static let maxTracked = 500
    package static let maxShown = 100
    package static let maxLabelBytes = 256
    /// The label of all origins without a row; a client that sends it as its origin is counted there too.
    package static let otherLabel = "__other__"

    struct Entry: Sendable {
        var counts = OriginCounts()
        /// The part of the counters that `__other__` has taken over while the origin was not shown.
        var connectionsGivenAway = 0
        var roomsCreatedGivenAway = 0
    }

    private var entries = RecencyTable<String, Entry>()
    private var other = OriginCounts()

    package init() {}

    /// The number of origins with a row.
    package var tracked: Int { entries.count }
}

/// A reference to the row of an origin, for later counts.
///
/// It stays valid when the origin loses its row: it then counts to `__other__`, as the row does.
package struct OriginID: Hashable, Sendable {
    fileprivate let handle: RecencyTable<String, OriginTable.Entry>.Handle

    /// The row `__other__`.
    package static let other = OriginID(handle: .nothing)
}

// MARK: - Counting

extension OriginTable {
    /// Counts a connection, and returns the id under which its rooms are counted.
    ///
    /// `origin` is the header's value, valid UTF-8; it is cut off after 256 bytes.
    package mutating func connectionOpened(from origin: String) -> OriginID {
        let label = OriginTable.label(for: origin)
        let id = label == OriginTable.otherLabel ? .other : row(for: label)
        count(id) { $0.connections += 1 }
        return id
    }

    package mutating func roomCreated(_ id: OriginID) {
        count(id) {
            $0.roomsCreated += 1
            $0.liveRooms += 1
        }
    }

    package mutating func roomEnded(_ id: OriginID) {
        count(id) { $0.liveRooms -= 1 }
    }

    /// A member became connected in a room that this origin created.
    package mutating func clientJoined(_ id: OriginID) {
        count(id) { $0.liveClients += 1 }
    }

    /// A member of a room that this origin created is no longer connected.
    package mutating func clientLeft(_ id: OriginID) {
        count(id) { $0.liveClients -= 1 }
    }

    private mutating func count(_ id: OriginID, _ change: (inout OriginCounts) -> Void) {
        if !entries.touch(id.handle, { change(&$0.counts) }) { change(&other) }
    }

    private mutating func row(for label: String) -> OriginID {
        if let handle = entries.handle(of: label) { return OriginID(handle: handle) }
        if entries.count >= OriginTable.maxTracked, let (_, evicted) = entries.removeOldest() {
            other.liveRooms += evicted.counts.liveRooms
            other.liveClients += evicted.counts.liveClients
            other.connections += evicted.shownCounts.connections
            other.roomsCreated += evicted.shownCounts.roomsCreated
        }
        return OriginID(handle: entries.insert(Entry(), for: label))
    }

    /// The origin as stored and shown: its first 256 bytes.
    package static func label(for origin: String) -> String {
        guard origin.utf8.count > maxLabelBytes else { return origin }
        // A string is cut only between scalars: an index within a scalar counts as its start.
        let end = origin.utf8.index(origin.startIndex, offsetBy: maxLabelBytes)
        return String(origin[..<end])
    }
}

// MARK: - Showing

/// The counts as they are published.
package struct OriginSnapshot: Hashable, Sendable {
    package struct Row: Hashable, Sendable {
        package let origin: String
        package let counts: OriginCounts
    }

    /// The busiest origins: most live clients first, then most connections, then by name.
    package let rows: [Row]
    /// The sum of all others.
    package let other: OriginCounts
    /// The number of origins with a row in the table, shown or not.
    package let tracked: Int
}

extension OriginTable {
    /// The rows to publish.
    ///
    /// It changes the table: an origin that is not shown hands its counters to `__other__` for good. If they were only
    /// summed there, that counter would go down whenever an origin became one of those shown.
    package mutating func snapshot() -> OriginSnapshot {
        let ranked = entries.entries.sorted(by: OriginTable.isBusier)
        let shown = ranked.prefix(OriginTable.maxShown)
        var hiddenLive = OriginCounts()
        for (label, entry) in ranked.dropFirst(OriginTable.maxShown) {
            hiddenLive.liveRooms += entry.counts.liveRooms
            hiddenLive.liveClients += entry.counts.liveClients
            other.connections += entry.shownCounts.connections
            other.roomsCreated += entry.shownCounts.roomsCreated
            entries.change(label) { $0.giveAway() }
        }
        var others = other
        others.liveRooms += hiddenLive.liveRooms
        others.liveClients += hiddenLive.liveClients
        let rows = shown.map { OriginSnapshot.Row(origin: $0.key, counts: $0.value.shownCounts) }
        return OriginSnapshot(rows: rows, other: others, tracked: tracked)
    }

    private static func isBusier(
        _ left: (key: String, value: Entry), than right: (key: String, value: Entry)
    ) -> Bool {
        let (one, two) = (left.value.counts, right.value.counts)
        if one.liveClients != two.liveClients { return one.liveClients > two.liveClients }
        if one.connections != two.connections { return one.connections > two.connections }
        return left.key < right.key
    }
}

extension OriginTable.Entry {
    /// The counts in the origin's own row: all but those that `__other__` has taken over.
    fileprivate var shownCounts: OriginCounts {
        var shown = counts
        shown.connections -= connectionsGivenAway
        shown.roomsCreated -= roomsCreatedGivenAway
        return shown
    }

    fileprivate mutating func giveAway() {
        connectionsGivenAway = counts.connections
        roomsCreatedGivenAway = counts.roomsCreated
    }
}
