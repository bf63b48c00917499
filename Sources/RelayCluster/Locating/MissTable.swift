internal import NIOCore
internal import RelayCore

/// Recent misses: codes that no sibling had a moment ago, so that repeated requests cost the siblings nothing.
///
/// Clients choose the codes, so the table is bounded: it has two halves, and when the younger is full the older is
/// dropped.
struct MissTable {
    private struct Miss {
        /// True if every sibling has said no.
        let isConclusive: Bool
        let end: NIODeadline
    }

    private let maxHalf: Int
    private var younger: [RoomCode: Miss] = [:]
    private var older: [RoomCode: Miss] = [:]

    init(maxCount: Int) {
        maxHalf = max(maxCount / 2, 1)
    }

    var count: Int { younger.count + older.count }

    /// What is remembered of a code; nil if it must be searched for.
    func location(of code: RoomCode, now: NIODeadline) -> RoomLocation? {
        guard let miss = younger[code] ?? older[code], now < miss.end else { return nil }
        return miss.isConclusive ? .nowhere : .unknown
    }

    mutating func remember(_ code: RoomCode, isConclusive: Bool, until end: NIODeadline) {
        if younger.count >= maxHalf {
            older = younger
            younger = [:]
        }
        older[code] = nil
        younger[code] = Miss(isConclusive: isConclusive, end: end)
    }
}
