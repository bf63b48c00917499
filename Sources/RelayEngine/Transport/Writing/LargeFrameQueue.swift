/// The shared frames in one connection's output, each with its place between the bytes of the block: large ones, and the
/// latest of those that make each other obsolete.
///
/// Most connections never have one, so an empty queue is one word and some counts.
@safe struct LargeFrameQueue {
    private struct Entry {
        var frame: SharedFrame
        /// The index in the block of the first byte behind it.
        var position: Int
        /// Bytes of the block from there on that it has replaced, and that are not sent.
        var replacedBytes = 0
    }

    private var entries: [Entry] = []
    /// Bytes of the first one that the kernel has accepted.
    private var sent = 0
    private(set) var unsentBytes = 0
    /// Bytes of the block that are not sent.
    private(set) var replacedBytes = 0
    /// The place of the frame that a later one of its kind replaces; nil once it has begun to go out.
    private var latest: Int?

    var hasLatest: Bool { latest != nil }

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

    /// Adds what is to be sent, in its order, until the list is full.
    ///
    /// - Parameters:
    ///   - block: the bytes of the block up to the last that is in use.
    ///   - head: the index in it of the first one to be sent.
    func gather(between block: UnsafeRawBufferPointer, from head: Int, into pieces: inout SendPieces) {
        var (place, sent) = (head, sent)
        for entry in entries {
            unsafe pieces.append(block[place..<entry.position])
            unsafe pieces.append(entry.frame.bytes[sent...])
            (place, sent) = (entry.position + entry.replacedBytes, 0)
            if pieces.isFull { return }
        }
        unsafe pieces.append(block[place...])
    }

    /// - Parameter isLatest: true for a frame that a later one of its kind replaces.
    mutating func append(_ frame: SharedFrame, position: Int, isLatest: Bool) {
        if isLatest { latest = entries.count }
        entries.append(Entry(frame: frame, position: position))
        unsentBytes += frame.count
    }

    /// Puts a frame in the place of one in the block.
    mutating func insertLatest(_ frame: SharedFrame, inPlaceOf replaced: Range<Int>) {
        let place = entries.firstIndex { $0.position > replaced.lowerBound } ?? entries.count
        entries.insert(
            Entry(frame: frame, position: replaced.lowerBound, replacedBytes: replaced.count), at: place)
        latest = place
        unsentBytes += frame.count
        replacedBytes += replaced.count
    }

    /// Puts a frame in the place of the latest one, of which there must be one.
    mutating func replaceLatest(with frame: SharedFrame) {
        guard let latest else { preconditionFailure("there is a frame to replace") }
        unsentBytes += frame.count - entries[latest].frame.count
        entries[latest].frame = frame
    }

    /// Removes the next bytes, all of the first frame.
    ///
    /// - Returns: the number of bytes of the block that it has replaced, once all of it is sent.
    mutating func consume(_ count: Int) -> Int {
        sent += count
        unsentBytes -= count
        if latest == 0 { latest = nil }
        guard sent == entries[0].frame.count else { return 0 }
        let replaced = entries.removeFirst().replacedBytes
        replacedBytes -= replaced
        latest = latest.map { $0 - 1 }
        if entries.isEmpty { entries = [] }
        sent = 0
        return replaced
    }

    /// Drops all but a frame that has begun to go out.
    mutating func dropUnsent() {
        guard hasBegun else { return removeAll() }
        entries.removeSubrange(1...)
        entries[0].replacedBytes = 0
        unsentBytes = entries[0].frame.count - sent
        (replacedBytes, latest) = (0, nil)
    }

    /// Notes that the bytes of the block have moved.
    mutating func moveAll(by distance: Int) {
        for place in entries.indices { entries[place].position += distance }
    }

    mutating func removeAll() {
        entries = []
        (sent, unsentBytes, replacedBytes, latest) = (0, 0, 0, nil)
    }
}
