/// The incomplete frame at the end of a read, kept until the next read from the same socket.
struct Remainder: Sendable {
    /// At most `ReadBuffer.headroom` bytes.
    private(set) var bytes: [UInt8] = []

    /// Replaces the kept bytes with those from the offset on.
    ///
    /// - Returns: false if they are more than any frame that is read whole.
    mutating func keep(_ read: Span<UInt8>, from offset: Int) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        guard read.count - offset <= ReadBuffer.headroom else { return false }
        // The pointer does not leave the closure.
        unsafe read.extracting(offset...).withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
        return true
    }

    /// Drops the bytes for a new connection, but keeps the memory.
    mutating func reset() {
        bytes.removeAll(keepingCapacity: true)
    }
}
