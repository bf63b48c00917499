/// The failures of a run, by kind.
struct Failures: Hashable, Sendable {
    /// Connections that could not be opened or did not enter their room.
    private(set) var connect = 0
    /// Connections that ended without a close from this side.
    private(set) var closed = 0
    /// Errors sent by the server, and violations of the protocol.
    private(set) var errors = 0
    /// Messages that had not arrived by the end of the wait for them.
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
