/// The phases of a client socket, in the order in which it may pass through them.
enum ConnectionPhase {
    /// Requests are read and answered.
    case http
    /// Frames are read; the session belongs to the handler.
    case webSocket
    /// Queued output is still sent; input is discarded.
    case closing
    /// The descriptor is closed; the object is freed at the end of the turn.
    case closed
}
