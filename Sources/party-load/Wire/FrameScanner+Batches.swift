internal import RelayWire

extension FrameScanner {
    /// One result of a scan.
    enum Item {
        /// Consecutive messages from the sender in one slot.
        case messages(Int, from: Int)
        case event(Event)
    }

    /// Scans all complete frames. Consecutive messages from one sender become one item, to save calls.
    ///
    /// - Parameter take: returns false to stop the scan.
    /// - Returns: the offset of the first byte that was not consumed.
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
