/// The reading state of a connection: whether the loop reads from it, and handles bytes already read.
enum ReadState {
    /// Bytes are read and handled as they arrive.
    case open
    /// Its share of the turn is used up: the rest of its input is handled in the next turn, before more is read.
    case deferred
    /// Above its message rate, or sending much while memory is short: nothing is read for a while.
    case throttled
    /// The handler wants nothing of it for a while: its socket is watched for a hang-up only.
    case held
    /// It does not read its answers: no more requests are read until they have left.
    case stalled
    /// Its request waits for a lookup: its socket is watched for a hang-up only.
    case parked
    /// It moves to another loop at the end of the turn, unless it is closed before.
    case moving
    /// It will be closed: nothing more is read from it or queued for it.
    case ending

    /// True while a WebSocket is not read although its peer may send.
    var isPaused: Bool { self == .throttled || self == .held }

    /// True once it has been decided that the connection leaves this loop.
    var isLeaving: Bool { self == .moving || self == .ending }
}
