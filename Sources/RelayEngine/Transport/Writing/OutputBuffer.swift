internal import Glibc
internal import RelayWire

/// The output queued for one connection: one contiguous run of bytes, so that one `send` takes it all, and between its
/// frames those that are shared with other connections.
///
/// Some frames make each other obsolete. The latest of them takes the place of the one before it, unless that has begun
/// to go out. While it is the only one it is in the block, as most frames are; one that replaces it is shared.
///
/// It remembers one frame boundary, so that whole frames can be dropped for a slow reader, and the stream still ends
/// with a close frame that the client can read.
@safe struct OutputBuffer: ~Copyable {
    private var block: UnsafeMutableRawPointer?
    /// Memory of the block, of which `tail` bytes are in use.
    private(set) var capacity = 0
    private var head = 0
    private var tail = 0
    /// An index at which a frame begins; bytes before it must not be dropped.
    private var boundary = 0
    private var large = LargeFrameQueue()
    /// The latest frame that is in the block; once it has begun to go out it is behind `head`, or negative.
    private var latestStart = OutputBuffer.none
    private var latestLength = 0

    private static let none = -1

    /// Bytes not yet taken by the kernel.
    var count: Int { tail - head + large.unsentBytes - large.replacedBytes }
    var isEmpty: Bool { tail == head && large.isEmpty }
    /// Those of them that are in shared frames.
    var sharedBytes: Int { large.unsentBytes }
    /// Memory held, without the shared frames.
    var heldBytes: Int { capacity + large.capacity }

    /// The bytes to be sent next: all of them, or those up to the next change between the block and a large frame.
    @inline(__always)
    var unsent: UnsafeRawBufferPointer {
        if let position = large.nextPosition {
            guard position > head else { return unsafe large.unsent }
            return unsafe bytes(head..<position)
        }
        return unsafe bytes(head..<tail)
    }

    /// The bytes to be offered to the kernel with one call.
    @inline(__always)
    var nextSend: UnsafeRawBufferPointer {
        let bytes = unsafe unsent
        guard bytes.count > TransportSettings.mostBytesPerSend else { return unsafe bytes }
        return unsafe UnsafeRawBufferPointer(rebasing: bytes[..<TransportSettings.mostBytesPerSend])
    }

    @inline(__always)
    private func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(
            start: block.map { unsafe UnsafeRawPointer($0 + range.lowerBound) }, count: range.count)
    }

    deinit {
        unsafe Glibc.free(block)
    }

    /// Adds whole frames.
    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer, pool: inout BufferPool) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        // Without a block the capacity is 0. Lengths of memory overflow in no sum of two.
        if tail &+ bytes.count > capacity { makeRoom(for: bytes.count, pool: &pool) }
        if let block = unsafe block {
            unsafe (block + tail).copyMemory(from: source, byteCount: bytes.count)
        }
        tail &+= bytes.count
    }

    /// Adds a whole frame of this length, which `write` writes in its place.
    @inline(__always)
    mutating func append(length: Int, pool: inout BufferPool, _ write: (inout MutableRawSpan) -> Void) {
        if tail &+ length > capacity { makeRoom(for: length, pool: &pool) }
        guard let block = unsafe block else { return }
        // The block has room for it, and holds its bytes alone there.
        var space = unsafe MutableRawSpan(_unsafeStart: block + tail, byteCount: length)
        write(&space)
        tail &+= length
    }

    /// Adds a whole frame without a copy.
    ///
    /// - Parameter sent: its first bytes that the kernel has accepted already; then it must be the first output.
    mutating func append(_ frame: SharedFrame, sent: Int = 0, isLatest: Bool = false) {
        precondition(sent == 0 || isEmpty, "a frame is sent behind the output before it")
        large.append(frame, position: tail, sent: sent, isLatest: isLatest)
    }

    // MARK: Frames that make each other obsolete

    /// True if the latest frame has not begun to go out, so that the next one takes its place.
    @inline(__always)
    var hasLatest: Bool { latestStart >= head || large.hasLatest }

    /// Adds a whole frame that the next of its kind replaces. There must be none such.
    @inline(__always)
    mutating func appendLatest(_ frame: UnsafeRawBufferPointer, pool: inout BufferPool) {
        unsafe append(frame, pool: &pool)
        (latestStart, latestLength) = (tail - frame.count, frame.count)
    }

    /// Puts a frame in the place of the latest one, which has not begun to go out.
    mutating func replaceLatest(with frame: SharedFrame) {
        if latestStart >= head {
            large.insertLatest(frame, inPlaceOf: latestStart..<latestStart + latestLength)
            latestStart = OutputBuffer.none
        } else {
            large.replaceLatest(with: frame)
        }
    }

    // MARK: Sending

    /// Adds bytes that are not a sequence of whole frames, such as an HTTP answer. No shared frame may be queued.
    mutating func appendOpaque(_ bytes: UnsafeRawBufferPointer, pool: inout BufferPool) {
        precondition(large.isEmpty && !hasLatest, "what is opaque goes before all frames")
        unsafe append(bytes, pool: &pool)
        boundary = tail
    }

    /// Removes the first `count` bytes, which the kernel has accepted; an empty buffer holds no memory.
    mutating func consume(_ count: Int, pool: inout BufferPool) {
        precondition(count <= self.count, "the kernel takes no more than it was given")
        if large.isEmpty {
            head += count
        } else {
            consumeSegments(count)
        }
        trim(pool: &pool)
    }

    private mutating func consumeSegments(_ count: Int) {
        var rest = count
        while rest > 0 {
            let step = unsafe min(rest, unsent.count)
            head += large.nextPosition == head ? large.consume(step) : step
            rest -= step
        }
    }

    /// Gives back a block that is empty or far too large, lest the last bytes of much output keep the memory of all.
    private mutating func trim(pool: inout BufferPool) {
        if head == tail {
            releaseBlock(to: &pool)
        } else if capacity > BufferPool.smallestBlock, tail - head <= capacity / 8 {
            move(toCapacity: BufferPool.capacity(for: 2 * (tail - head)), pool: &pool)
        }
    }

    private mutating func releaseBlock(to pool: inout BufferPool) {
        if let block = unsafe block { unsafe pool.giveBack(block, capacity: capacity) }
        unsafe block = nil
        large.moveAll(by: -tail)
        (capacity, head, tail, boundary) = (0, 0, 0, 0)
        latestStart = OutputBuffer.none
    }

    mutating func release(to pool: inout BufferPool) {
        large.removeAll()
        head = tail
        releaseBlock(to: &pool)
    }

    /// Drops every frame of which no byte has been sent.
    mutating func dropUnsentFrames(pool: inout BufferPool) {
        guard !isEmpty else { return }
        tail = large.hasBegun ? head : boundaryAfterHead()
        boundary = tail
        latestStart = OutputBuffer.none
        large.dropUnsent()
        trim(pool: &pool)
    }

    private func boundaryAfterHead() -> Int {
        guard boundary < head, unsafe block != nil else { return boundary }
        let frames = unsafe Span<UInt8>(_unsafeBytes: bytes(boundary..<tail))
        guard let distance = FrameSequence.boundary(in: frames, atOrAfter: head - boundary) else {
            preconditionFailure("output behind a boundary is whole frames")
        }
        return boundary + distance
    }

    private mutating func makeRoom(for added: Int, pool: inout BufferPool) {
        let used = tail - head
        // Moved to the front of the same block only if a quarter of it stays free, so that a slow reader's bytes are
        // not moved again for every frame.
        let fits = unsafe block != nil && used + added <= capacity / 4 * 3
        move(toCapacity: fits ? capacity : BufferPool.capacity(for: max(used + added, capacity + 1)), pool: &pool)
    }

    private mutating func move(toCapacity wanted: Int, pool: inout BufferPool) {
        let isSame = unsafe block != nil && wanted == capacity
        let next = unsafe isSame ? block : pool.take(capacity: wanted)
        let newBoundary = boundaryAfterHead() - head
        if let old = unsafe block, let next = unsafe next {
            unsafe memmove(next, old + head, tail - head)
            if !isSame { unsafe pool.giveBack(old, capacity: capacity) }
        }
        large.moveAll(by: -head)
        latestStart -= head
        (unsafe block, capacity, tail, head, boundary) = (unsafe next, wanted, tail - head, 0, newBoundary)
    }
}
