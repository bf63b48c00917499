/// What went wrong in a run, by what it was.
struct Failures: Hashable, Sendable {
    /// Connections that did not come about, or not into their room.
    private(set) var connect = 0
    /// Connections that ended though nobody had said goodbye.
    private(set) var closed = 0
    /// Errors that the server sent, and what no server may send.
    private(set) var errors = 0
    /// Messages that had not arrived when the time for them was over.
    private(set) var lost = 0

    enum Kind: Hashable, Sendable {
        case connect, closed, errors, lost
    }

    var total: Int { connect + closed + errors + lost }

    mutating func add(_ kind: Kind, _ count: Int = 1) {
        switch kind {
        case .connect: connect += count
        case .closed: closed += count
        case .errors: errors += count
        case .lost: lost += count
        }
    }

    static func += (left: inout Failures, right: Failures) {
        left.connect += right.connect
        left.closed += right.closed
        left.errors += right.errors
        left.lost += right.lost
    }
}
