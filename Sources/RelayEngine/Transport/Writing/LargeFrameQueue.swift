/// The shared frames in one connection's output, each with its place between the bytes of the block: large ones, and the
/// latest of those that make each other obsolete.
///
/// Every connection has a queue and most never have a frame in it, so an empty one is one word and holds no memory.
@safe struct LargeFrameQueue: ~Copyable {
    /// What a queue with frames consists of. One queue alone refers to it.
    private final class Contents {
        var entries: [Entry] = []
        /// Bytes of the first one that the kernel has accepted.
        var sent = 0
        var unsentBytes = 0
        /// Bytes of the block that are not sent.
        var replacedBytes = 0
        /// The place of the frame that a later one of its kind replaces; nil once it has begun to go out.
        var latest: Int?
    }

    private struct Entry {
        var frame: SharedFrame
        /// The index in the block of the first byte behind it.
        var position: Int
        /// Bytes of the block from there on that it has replaced, and that are not sent.
        var replacedBytes = 0
    }

    /// Nil if there is no frame.
    private var contents: Contents?

    /// The contents as an object: its header is two words.
    private static var contentsBytes: Int { 8 * MemoryLayout<Int>.stride }

    var isEmpty: Bool { contents == nil }

    var hasLatest: Bool { contents?.latest != nil }

    var unsentBytes: Int { contents?.unsentBytes ?? 0 }

    /// Bytes of the block that are not sent.
    var replacedBytes: Int { contents?.replacedBytes ?? 0 }

    /// Memory of the queue itself.
    var capacity: Int {
        contents.map { LargeFrameQueue.contentsBytes + $0.entries.capacity * MemoryLayout<Entry>.stride } ?? 0
    }

    /// True if some bytes of the first one have been sent, and some have not.
    var hasBegun: Bool { contents.map { $0.sent > 0 } ?? false }

    /// The place of the first one; nil if there is none.
    @inline(__always)
    var nextPosition: Int? { contents?.entries[0].position }

    /// The bytes of the first one that are to be sent; there must be one.
    var unsent: UnsafeRawBufferPointer {
        let contents = present
        return unsafe UnsafeRawBufferPointer(rebasing: contents.entries[0].frame.bytes[contents.sent...])
    }

    private var present: Contents {
        guard let contents else { preconditionFailure("the queue has a frame") }
        return contents
    }

    /// - Parameter isLatest: true for a frame of which nothing is sent, and that a later one of its kind replaces.
    mutating func append(_ frame: SharedFrame, position: Int, sent: Int, isLatest: Bool) {
        precondition(sent < frame.count, "a frame that is sent is not queued")
        precondition(!isLatest || sent == 0, "what has begun to go out is not replaced")
        let contents = begun()
        if isLatest { contents.latest = contents.entries.count }
        contents.entries.append(Entry(frame: frame, position: position))
        if sent > 0 { contents.sent = sent }
        contents.unsentBytes += frame.count - sent
    }

    /// Puts a frame in the place of one in the block.
    mutating func insertLatest(_ frame: SharedFrame, inPlaceOf replaced: Range<Int>) {
        let contents = begun()
        let place = contents.entries.firstIndex { $0.position > replaced.lowerBound } ?? contents.entries.count
        contents.entries.insert(
            Entry(frame: frame, position: replaced.lowerBound, replacedBytes: replaced.count), at: place)
        contents.latest = place
        contents.unsentBytes += frame.count
        contents.replacedBytes += replaced.count
    }

    private mutating func begun() -> Contents {
        if let contents { return contents }
        let new = Contents()
        contents = new
        return new
    }

    /// Puts a frame in the place of the latest one, of which there must be one.
    mutating func replaceLatest(with frame: SharedFrame) {
        let contents = present
        guard let latest = contents.latest else { preconditionFailure("there is a frame to replace") }
        contents.unsentBytes += frame.count - contents.entries[latest].frame.count
        contents.entries[latest].frame = frame
    }

    /// Removes the next bytes, all of the first frame.
    ///
    /// - Returns: the number of bytes of the block that it has replaced, once all of it is sent.
    mutating func consume(_ count: Int) -> Int {
        let contents = present
        contents.sent += count
        contents.unsentBytes -= count
        if contents.latest == 0 { contents.latest = nil }
        guard contents.sent == contents.entries[0].frame.count else { return 0 }
        let replaced = contents.entries.removeFirst().replacedBytes
        contents.replacedBytes -= replaced
        contents.latest = contents.latest.map { $0 - 1 }
        contents.sent = 0
        if contents.entries.isEmpty { removeAll() }
        return replaced
    }

    /// Drops all but a frame that has begun to go out.
    mutating func dropUnsent() {
        guard let contents, contents.sent > 0 else { return removeAll() }
        contents.entries.removeSubrange(1...)
        contents.entries[0].replacedBytes = 0
        contents.unsentBytes = contents.entries[0].frame.count - contents.sent
        (contents.replacedBytes, contents.latest) = (0, nil)
    }

    /// Notes that the bytes of the block have moved.
    mutating func moveAll(by distance: Int) {
        guard let contents else { return }
        for place in contents.entries.indices { contents.entries[place].position += distance }
    }

    mutating func removeAll() {
        contents = nil
    }
}
