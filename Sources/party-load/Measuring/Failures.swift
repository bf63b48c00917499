/// What went wrong in a run, by what it was.
struct Failures: Hashable, Sendable {
    /// Connections that did not come about, or not into their room.
    var connect = 0
    /// Connections that ended though nobody had said goodbye.
    var closed = 0
    /// Errors that the server sent, and what no server may send.
    var errors = 0
    /// Messages that had not arrived when the time for them was over.
    var lost = 0

    var total: Int { connect + closed + errors + lost }

    static func += (left: inout Failures, right: Failures) {
        left.connect += right.connect
        left.closed += right.closed
        left.errors += right.errors
        left.lost += right.lost
    }
}
