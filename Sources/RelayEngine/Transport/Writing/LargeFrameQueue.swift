/// The large frames in one connection's output, each with its place between the bytes of the block.
///
/// Most connections never have one, so an empty queue is one word and a count.
@safe struct LargeFrameQueue {
    private struct Entry {
        let frame: SharedFrame
        /// The index in the block of the first byte behind it.
        var position: Int
    }

    private var entries: [Entry] = []
    /// Bytes of the first one that the kernel has accepted.
    private var sent = 0
    private(set) var unsentBytes = 0

    var isEmpty: Bool { unsentBytes == 0 }

    /// Memory of the queue itself.
    var capacity: Int { entries.capacity * MemoryLayout<Entry>.stride }

    /// True if some bytes of the first one have been sent, and some have not.
    var hasBegun: Bool { sent > 0 }

    /// The place of the first one; nil if there is none.
    @inline(__always)
    var nextPosition: Int? { isEmpty ? nil : entries[0].position }

    /// The bytes of the first one that are to be sent.
    var unsent: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: entries[0].frame.bytes[sent...])
    }

    mutating func append(_ frame: SharedFrame, position: Int, sent: Int) {
        precondition(sent < frame.count, "a frame that is sent is not queued")
        entries.append(Entry(frame: frame, position: position))
        if sent > 0 { self.sent = sent }
        unsentBytes += frame.count - sent
    }

    /// Removes the next bytes, all of the first frame.
    mutating func consume(_ count: Int) {
        sent += count
        unsentBytes -= count
        guard sent == entries[0].frame.count else { return }
        entries.removeFirst()
        if entries.isEmpty { entries = [] }
        sent = 0
    }

    /// Drops all but a frame that has begun to go out.
    mutating func dropUnsent() {
        guard hasBegun else { return removeAll() }
        entries.removeSubrange(1...)
        unsentBytes = entries[0].frame.count - sent
    }

    /// Notes that the bytes of the block have moved.
    mutating func moveAll(by distance: Int) {
        for place in entries.indices { entries[place].position += distance }
    }

    mutating func removeAll() {
        entries = []
        (sent, unsentBytes) = (0, 0)
    }
}
