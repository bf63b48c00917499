/// The start of a frame that has not arrived whole, from one read to the next.
struct Remainder: Sendable {
    /// At most `ReadBuffer.headroom`.
    private(set) var bytes: [UInt8] = []

    /// Keeps what stands behind the offset in place of what was kept.
    ///
    /// - Returns: false if that is more than any frame that is waited for.
    mutating func keep(_ read: Span<UInt8>, from offset: Int) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        guard read.count - offset <= ReadBuffer.headroom else { return false }
        // The pointer does not leave the closure.
        unsafe read.extracting(offset...).withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        return true
    }

    /// Drops what belongs to one connection, and keeps the memory for the next.
    mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
    }
}
