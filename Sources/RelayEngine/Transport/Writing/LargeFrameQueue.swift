/// The shared frames in one connection's output, each with its place between the bytes of the block: large ones, and the
/// latest of those that make each other obsolete.
///
/// Every connection has a queue and most never have a frame in it, so an empty one is one word and holds no memory.
@safe struct LargeFrameQueue: ~Copyable {
    /// What a queue with frames consists of. One queue alone refers to it.
    private final class Contents {
        var first: Entry
        /// Those behind it: mostly none.
        var rest: [Entry] = []
        /// Bytes of the first one that the kernel has accepted.
        var sent = 0
        var unsentBytes: Int
        /// Bytes of the block that are not sent.
        var replacedBytes: Int
        /// The place of the frame that a later one of its kind replaces; nil once it has begun to go out.
        var latest: Int?

        init(first: Entry) {
            self.first = first
            unsentBytes = first.frame.count
            replacedBytes = first.replacedBytes
        }

        subscript(place: Int) -> Entry {
            get { place == 0 ? first : rest[place - 1] }
            set { if place == 0 { first = newValue } else { rest[place - 1] = newValue } }
        }

        func insert(_ entry: Entry, at place: Int) {
            rest.insert(place == 0 ? first : entry, at: max(place - 1, 0))
            if place == 0 { first = entry }
            unsentBytes += entry.frame.count
            replacedBytes += entry.replacedBytes
        }
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
    private static var contentsBytes: Int { 8 * MemoryLayout<Int>.stride + MemoryLayout<Entry>.stride }

    var isEmpty: Bool { contents == nil }

    var hasLatest: Bool { contents?.latest != nil }

    var unsentBytes: Int { contents?.unsentBytes ?? 0 }

    /// Bytes of the block that are not sent.
    var replacedBytes: Int { contents?.replacedBytes ?? 0 }

    /// Memory of the queue itself.
    var capacity: Int {
        contents.map { LargeFrameQueue.contentsBytes + $0.rest.capacity * MemoryLayout<Entry>.stride } ?? 0
    }

    /// True if some bytes of the first one have been sent, and some have not.
    var hasBegun: Bool { contents.map { $0.sent > 0 } ?? false }

    /// The place of the first one; nil if there is none.
    @inline(__always)
    var nextPosition: Int? { contents?.first.position }

    /// The bytes of the first one that are to be sent; there must be one.
    var unsent: UnsafeRawBufferPointer {
        let contents = present
        return unsafe UnsafeRawBufferPointer(rebasing: contents.first.frame.bytes[contents.sent...])
    }

    private var present: Contents {
        guard let contents else { preconditionFailure("the queue has a frame") }
        return contents
    }

    /// Adds what is to be sent, in its order, until the list is full.
    ///
    /// - Parameters:
    ///   - block: the bytes of the block up to the last that is in use.
    ///   - head: the index in it of the first one to be sent.
    func gather(between block: UnsafeRawBufferPointer, from head: Int, into pieces: inout SendPieces) {
        guard let contents else { return unsafe pieces.append(block[head...]) }
        var (index, sent) = (head, contents.sent)
        for place in 0...contents.rest.count {
            let entry = contents[place]
            unsafe pieces.append(block[index..<entry.position])
            unsafe pieces.append(entry.frame.bytes[sent...])
            (index, sent) = (entry.position + entry.replacedBytes, 0)
            if pieces.isFull { return }
        }
        unsafe pieces.append(block[index...])
    }

    /// - Parameter isLatest: true for a frame that a later one of its kind replaces.
    mutating func append(_ frame: SharedFrame, position: Int, isLatest: Bool) {
        insert(Entry(frame: frame, position: position), at: contents.map { $0.rest.count + 1 } ?? 0, isLatest: isLatest)
    }

    /// Puts a frame in the place of one in the block.
    mutating func insertLatest(_ frame: SharedFrame, inPlaceOf replaced: Range<Int>) {
        let entry = Entry(frame: frame, position: replaced.lowerBound, replacedBytes: replaced.count)
        var place = 0
        if let contents {
            while place <= contents.rest.count, contents[place].position <= replaced.lowerBound { place += 1 }
        }
        insert(entry, at: place, isLatest: true)
    }

    private mutating func insert(_ entry: Entry, at place: Int, isLatest: Bool) {
        if let contents {
            contents.insert(entry, at: place)
        } else {
            contents = Contents(first: entry)
        }
        if isLatest { contents?.latest = place }
    }

    /// Puts a frame in the place of the latest one, of which there must be one.
    mutating func replaceLatest(with frame: SharedFrame) {
        let contents = present
        guard let latest = contents.latest else { preconditionFailure("there is a frame to replace") }
        contents.unsentBytes += frame.count - contents[latest].frame.count
        contents[latest].frame = frame
    }

    /// Removes the next bytes, all of the first frame.
    ///
    /// - Returns: the number of bytes of the block that it has replaced, once all of it is sent.
    mutating func consume(_ count: Int) -> Int {
        let contents = present
        contents.sent += count
        contents.unsentBytes -= count
        if contents.latest == 0 { contents.latest = nil }
        guard contents.sent == contents.first.frame.count else { return 0 }
        let replaced = contents.first.replacedBytes
        guard !contents.rest.isEmpty else {
            removeAll()
            return replaced
        }
        contents.first = contents.rest.removeFirst()
        contents.replacedBytes -= replaced
        contents.latest = contents.latest.map { $0 - 1 }
        contents.sent = 0
        return replaced
    }

    /// Drops all but a frame that has begun to go out.
    mutating func dropUnsent() {
        guard let contents, contents.sent > 0 else { return removeAll() }
        contents.rest = []
        contents.first.replacedBytes = 0
        contents.unsentBytes = contents.first.frame.count - contents.sent
        (contents.replacedBytes, contents.latest) = (0, nil)
    }

    /// Notes that the bytes of the block have moved.
    mutating func moveAll(by distance: Int) {
        guard let contents else { return }
        for place in 0...contents.rest.count { contents[place].position += distance }
    }

    mutating func removeAll() {
        contents = nil
    }
}
