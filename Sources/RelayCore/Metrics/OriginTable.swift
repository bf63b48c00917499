/// What has happened under an origin since the start: these only grow.
package struct OriginTotals: Hashable, Sendable {
    package var connections = 0
    package var roomsCreated = 0

    package init() {}

    fileprivate static func += (sum: inout OriginTotals, part: OriginTotals) {
        sum.connections += part.connections
        sum.roomsCreated += part.roomsCreated
    }
}

/// What is there under an origin now.
package struct OriginLoad: Hashable, Sendable {
    package var rooms = 0
    /// Connected members of those rooms.
    package var clients = 0

    package init() {}

    fileprivate static func += (sum: inout OriginLoad, part: OriginLoad) {
        sum.rooms += part.rooms
        sum.clients += part.clients
    }
}

/// Counts per origin in bounded memory, since clients choose the `Origin` header.
///
/// At most `maxTracked` origins have a row, and an origin's load is its row's. Its totals are counted when something
/// happens, in the series that the origin has at that moment: its own, or that of the others. So a series rises by what
/// happens and by nothing else, whoever becomes busy or makes way meanwhile, and all of them together have counted
/// everything once.
///
/// A row gets a series of its own when it is new and fewer than `maxShown` have one, or when a scrape finds it among the
/// `maxShown` busiest: its series begins there, with zero. Only the first scrape hands rows what they have counted, since
/// none of that has been published yet. A row keeps its series for good, up to `maxSeries` of them; the others make way
/// for new origins, the one counted longest ago first.
package struct OriginTable: Sendable {
    package static let maxTracked = 500
    package static let maxShown = 100
    package static let maxSeries = 200
    package static let maxLabelBytes = 256
    /// The label of all origins without a row; a client that sends it as its origin is counted there too.
    package static let otherLabel = "__other__"

    struct Entry: Sendable {
        var load = OriginLoad()
        /// Connections since it has its row, whichever series has counted them: they tell how busy it is.
        var connections = 0
        /// What its own series has counted.
        var totals = OriginTotals()
        /// False if the others' series counts for it, once there are series.
        var hasSeries = false
        /// What those who are counted here refer to.
        var origin: Origin?
    }

    private var entries = RecencyTable<String, Entry>()
    /// The number of rows with a series of their own.
    private var seriesCount = 0
    /// True from the first scrape on; before it each row counts for itself, and may become one of the others.
    private var isPublished = false
    private var otherLoad = OriginLoad()
    private var otherTotals = OriginTotals()

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
        _ = entries.touch(id.handle) { $0.connections += 1 }
        count(id) { $0.connections += 1 }
        return id
    }

    /// The origin of a row, which whoever keeps it shares with the table; nil for a row that is gone, and for
    /// `__other__`.
    package func origin(of id: OriginID) -> Origin? { entries.value(of: id.handle)?.origin }

    package mutating func roomCreated(_ id: OriginID) {
        count(id) { $0.roomsCreated += 1 }
        load(id) { $0.rooms += 1 }
    }

    package mutating func roomEnded(_ id: OriginID) {
        load(id) { $0.rooms -= 1 }
    }

    /// A room is here that this origin created before, perhaps on another machine: nothing is created, but it is there.
    package mutating func roomReturned(of origin: String) -> OriginID {
        let label = OriginTable.label(for: origin)
        let id = label == OriginTable.otherLabel ? .other : row(for: label)
        load(id) { $0.rooms += 1 }
        return id
    }

    /// A member became connected in a room that this origin created.
    package mutating func clientJoined(_ id: OriginID) {
        load(id) { $0.clients += 1 }
    }

    /// A member of a room that this origin created is no longer connected.
    package mutating func clientLeft(_ id: OriginID) {
        load(id) { $0.clients -= 1 }
    }

    private mutating func load(_ id: OriginID, _ change: (inout OriginLoad) -> Void) {
        guard !entries.touch(id.handle, { change(&$0.load) }) else { return }
        change(&otherLoad)
    }

    /// Counts something that has happened, in the series that the origin has now.
    private mutating func count(_ id: OriginID, _ change: (inout OriginTotals) -> Void) {
        var isCounted = false
        _ = entries.touch(id.handle) { [isPublished] entry in
            isCounted = entry.hasSeries || !isPublished
            if isCounted { change(&entry.totals) }
        }
        if !isCounted { change(&otherTotals) }
    }

    private mutating func row(for label: String) -> OriginID {
        if let handle = entries.handle(of: label) { return OriginID(handle: handle) }
        if entries.count >= OriginTable.maxTracked { makeWay() }
        var entry = Entry()
        if isPublished, seriesCount < OriginTable.maxShown {
            entry.hasSeries = true
            seriesCount += 1
        }
        let id = OriginID(handle: entries.insert(entry, for: label))
        entries.change(label) { $0.origin = Origin(id: id, label: label) }
        return id
    }

    /// Removes the row counted longest ago of those without a series of their own; what it has goes to the others.
    private mutating func makeWay() {
        // Rows with a series never are so many that none is left. Each that is passed over becomes the newest, so that
        // it is passed over once for as many new origins as there are rows.
        while entries.oldestValue?.hasSeries == true { entries.renewOldest() }
        guard let (_, evicted) = entries.removeOldest() else { return }
        otherLoad += evicted.load
        otherTotals += evicted.totals
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
    package struct Row<Counts: Hashable & Sendable>: Hashable, Sendable {
        package let origin: String
        package let counts: Counts
    }

    /// The busiest origins: most clients first, then most connections, then those with a series, then by name.
    package let loads: [Row<OriginLoad>]
    /// The sum of all others.
    package let otherLoad: OriginLoad
    /// The origins with a series of their own, in the same order.
    package let totals: [Row<OriginTotals>]
    /// What was counted of origins that had none at that moment.
    package let otherTotals: OriginTotals
    /// The number of origins with a row in the table, shown or not.
    package let tracked: Int
}

extension OriginTable {
    /// The counts to publish. The busiest get a series of their own from here on, while there are any.
    package mutating func snapshot() -> OriginSnapshot {
        let ranked = entries.entries.sorted(by: OriginTable.isBusier)
        let shown = ranked.prefix(OriginTable.maxShown)
        for (label, entry) in shown where !entry.hasSeries && seriesCount < OriginTable.maxSeries {
            entries.change(label) { $0.hasSeries = true }
            seriesCount += 1
        }
        var others = otherLoad
        for (label, entry) in ranked.dropFirst(OriginTable.maxShown) {
            others += entry.load
            guard !isPublished else { continue }
            otherTotals += entry.totals
            entries.change(label) { $0.totals = OriginTotals() }
        }
        isPublished = true
        return OriginSnapshot(
            loads: shown.map { OriginSnapshot.Row(origin: $0.key, counts: $0.value.load) }, otherLoad: others,
            totals: ranked.compactMap { label, _ in
                entries.value(of: label).flatMap { entry in
                    entry.hasSeries ? OriginSnapshot.Row(origin: label, counts: entry.totals) : nil
                }
            },
            otherTotals: otherTotals, tracked: tracked)
    }

    private static func isBusier(
        _ left: (key: String, value: Entry), than right: (key: String, value: Entry)
    ) -> Bool {
        let (one, two) = (left.value, right.value)
        if one.load.clients != two.load.clients { return one.load.clients > two.load.clients }
        if one.connections != two.connections { return one.connections > two.connections }
        // Who is shown already is not displaced by who is no busier.
        if one.hasSeries != two.hasSeries { return one.hasSeries }
        return left.key < right.key
    }
}
