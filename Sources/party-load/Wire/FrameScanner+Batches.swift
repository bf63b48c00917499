internal import RelayWire

extension FrameScanner {
    /// What one read holds.
    enum Item {
        /// Messages in a row from the slot of one sender.
        case messages(Int, from: Int)
        case event(Event)
    }

    /// Finds all that is whole. Messages in a row from one sender are one item: one call each for what came with one
    /// read.
    ///
    /// - Parameter take: returns false if what follows is not wanted any more.
    /// - Returns: up to where the bytes are done with.
    @inline(__always)
    mutating func scan(
        _ bytes: Span<UInt8>, from start: Int, _ take: (Item) -> Bool
    ) throws(WebSocketViolation) -> Int {
        var offset = start
        var sender = 0
        var count = 0
        while let event = try next(in: bytes, at: &offset) {
            if case .text(let text) = event, text.kind == .message {
                if text.slot != sender {
                    if count > 0, !take(.messages(count, from: sender)) { return offset }
                    (sender, count) = (text.slot, 0)
                }
                count += 1
            } else if !take(.event(event)) {
                return offset
            }
        }
        if count > 0 { _ = take(.messages(count, from: sender)) }
        return offset
    }
}
