internal import NIOCore
internal import RelayCore

/// Recent misses: codes that no sibling had a moment ago, so that repeated requests cost the siblings nothing.
///
/// Clients choose the codes, so the table is bounded: it has two halves, and when the younger is full the older is
/// dropped.
struct MissTable {
    private let maxHalf: Int
    private var younger: [RoomCode: NIODeadline] = [:]
    private var older: [RoomCode: NIODeadline] = [:]

    init(maxCount: Int) {
        maxHalf = max(maxCount / 2, 1)
    }

    var count: Int { younger.count + older.count }

    func contains(_ code: RoomCode, now: NIODeadline) -> Bool {
        guard let end = younger[code] ?? older[code] else { return false }
        return now < end
    }

    mutating func remember(_ code: RoomCode, until end: NIODeadline) {
        if younger.count >= maxHalf {
            older = younger
            younger = [:]
        }
        older[code] = nil
        younger[code] = end
    }
}
