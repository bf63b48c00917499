internal import DequeModule
internal import RelayCore

/// The dormant rooms of one loop, in the order in which they end: all are kept equally long.
///
/// A room that is woken up leaves its entry behind, which is told by its moment and passed over.
struct DormantRooms {
    struct Entry: Equatable {
        let code: RoomCode
        /// The moment at which the room ends.
        let end: UInt64
    }

    private var entries: Deque<Entry> = []

    /// Entries, those that are left behind included.
    var count: Int { entries.count }

    /// The moment at which the next room may end.
    var nextEnd: UInt64? { entries.first?.end }

    mutating func add(_ code: RoomCode, until end: UInt64) {
        entries.append(Entry(code: code, end: end))
    }

    /// Drops the entries that were left behind, once most are: a room that is lost and found all the time leaves many.
    ///
    /// - Parameter count: the number of dormant rooms.
    mutating func tidyUp(dormant count: Int, isCurrent: (Entry) -> Bool) {
        guard entries.count > 2 * max(count, DormantRooms.fewestTidied) else { return }
        entries.removeAll { !isCurrent($0) }
    }

    private static let fewestTidied = 64

    /// Takes the entry that is due first, if it is due by now; `.max` takes it anyway.
    mutating func popFirst(dueBy now: UInt64) -> Entry? {
        guard let first = entries.first, first.end <= now else { return nil }
        return entries.removeFirst()
    }
}
