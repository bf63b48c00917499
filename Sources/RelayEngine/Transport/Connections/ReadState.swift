/// What a loop reads from a connection, and what it does with the bytes that it has read before.
enum ReadState {
    /// Bytes are read and handled as they arrive.
    case open
    /// Its share of the turn is used up: the rest is handled in the next turn, before more is read.
    case deferred
    /// Above its message rate: nothing is read until its bucket has filled.
    case throttled
    /// Its request waits for a lookup: its socket is watched for a hang-up only.
    case parked
    /// It changes loops at the end of the turn; a decision to close it comes before that.
    case moving
    /// It is to be closed: nothing more is read from it or queued for it.
    case ending

    /// Whether an exit from this loop has been decided.
    var isLeaving: Bool { self == .moving || self == .ending }
}
