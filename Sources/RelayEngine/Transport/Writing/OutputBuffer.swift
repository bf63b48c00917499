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
    /// Its bytes stand behind it. It belongs to this output alone.
    private var block: UnsafeMutablePointer<OutputBlock>?
    private var large = LargeFrameQueue()

    /// Bytes not yet taken by the kernel.
    var count: Int { blockBytes + large.unsentBytes - large.replacedBytes }
    var isEmpty: Bool { blockBytes == 0 && large.isEmpty }
    /// Those of them that are in shared frames.
    var sharedBytes: Int { large.unsentBytes }
    /// Bytes that the block has room for; what stands in front of them is not counted.
    var capacity: Int { unsafe block?.pointee.capacity ?? 0 }
    /// Memory held, but for the shared frames and for what stands in front of a block's bytes.
    var heldBytes: Int { capacity + large.capacity }

    private var head: Int { unsafe block?.pointee.head ?? 0 }
    private var tail: Int { unsafe block?.pointee.tail ?? 0 }
    /// Bytes of the block between `head` and `tail`.
    private var blockBytes: Int { unsafe block.map { unsafe $0.pointee.tail - $0.pointee.head } ?? 0 }

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
            start: block.map { unsafe UnsafeRawPointer($0 + 1) + range.lowerBound }, count: range.count)
    }

    deinit {
        unsafe Glibc.free(block)
    }

    /// Adds whole frames.
    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer, pool: inout BufferPool) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        unsafe nextBytes(bytes.count, pool: &pool).copyMemory(from: source, byteCount: bytes.count)
    }

    /// Adds a whole frame of this length, which `write` writes in its place.
    @inline(__always)
    mutating func append(length: Int, pool: inout BufferPool, _ write: (inout MutableRawSpan) -> Void) {
        // The block has room for it, and holds its bytes alone there.
        var space = unsafe MutableRawSpan(_unsafeStart: nextBytes(length, pool: &pool), byteCount: length)
        write(&space)
    }

    /// Takes the next bytes of the block into use, which the caller writes.
    @inline(__always)
    private mutating func nextBytes(_ length: Int, pool: inout BufferPool) -> UnsafeMutableRawPointer {
        // Lengths of memory overflow in no sum of two.
        if let block = unsafe block, unsafe block.pointee.tail &+ length <= block.pointee.capacity {
            return unsafe OutputBuffer.nextBytes(length, of: block)
        }
        return unsafe OutputBuffer.nextBytes(length, of: blockWithRoom(for: length, pool: &pool))
    }

    /// - Parameter block: with room for it.
    @inline(__always)
    private static func nextBytes(_ length: Int, of block: UnsafeMutablePointer<OutputBlock>) -> UnsafeMutableRawPointer
    {
        let tail = unsafe block.pointee.tail
        unsafe block.pointee.tail = tail &+ length
        return unsafe UnsafeMutableRawPointer(block + 1) + tail
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
    var hasLatest: Bool { hasLatestInBlock || large.hasLatest }

    @inline(__always)
    private var hasLatestInBlock: Bool {
        unsafe block.map { unsafe $0.pointee.latestStart >= $0.pointee.head } ?? false
    }

    /// Adds a whole frame that the next of its kind replaces. There must be none such.
    @inline(__always)
    mutating func appendLatest(_ frame: UnsafeRawBufferPointer, pool: inout BufferPool) {
        unsafe append(frame, pool: &pool)
        guard let block = unsafe block else { return }
        unsafe block.pointee.latestStart = block.pointee.tail - frame.count
        unsafe block.pointee.latestLength = frame.count
    }

    /// Puts a frame in the place of the latest one, which has not begun to go out.
    mutating func replaceLatest(with frame: SharedFrame) {
        if let block = unsafe block, hasLatestInBlock {
            let (start, length) = unsafe (block.pointee.latestStart, block.pointee.latestLength)
            large.insertLatest(frame, inPlaceOf: start..<start + length)
            unsafe block.pointee.latestStart = OutputBlock.none
        } else {
            large.replaceLatest(with: frame)
        }
    }

    // MARK: Sending

    /// Adds bytes that are not a sequence of whole frames, such as an HTTP answer. No shared frame may be queued.
    mutating func appendOpaque(_ bytes: UnsafeRawBufferPointer, pool: inout BufferPool) {
        precondition(large.isEmpty && !hasLatest, "what is opaque goes before all frames")
        unsafe append(bytes, pool: &pool)
        if let block = unsafe block { unsafe block.pointee.boundary = block.pointee.tail }
    }

    /// Removes the first `count` bytes, which the kernel has accepted; an empty buffer holds no memory.
    mutating func consume(_ count: Int, pool: inout BufferPool) {
        precondition(count <= self.count, "the kernel takes no more than it was given")
        if large.isEmpty {
            pass(count)
        } else {
            consumeSegments(count)
        }
        trim(pool: &pool)
    }

    private mutating func consumeSegments(_ count: Int) {
        var rest = count
        while rest > 0 {
            let step = unsafe min(rest, unsent.count)
            pass(large.nextPosition == head ? large.consume(step) : step)
            rest -= step
        }
    }

    /// Notes that bytes of the block are done with.
    @inline(__always)
    private mutating func pass(_ count: Int) {
        if let block = unsafe block { unsafe block.pointee.head += count }
    }

    /// Gives back a block that is empty or far too large, lest the last bytes of much output keep the memory of all.
    private mutating func trim(pool: inout BufferPool) {
        let count = blockBytes
        if count == 0 {
            releaseBlock(to: &pool)
        } else if capacity > BufferPool.smallestBlock, count <= capacity / 8 {
            _ = unsafe move(toCapacity: BufferPool.capacity(for: 2 * count), pool: &pool)
        }
    }

    private mutating func releaseBlock(to pool: inout BufferPool) {
        guard let old = unsafe block else { return }
        large.moveAll(by: -tail)
        unsafe pool.giveBack(old, capacity: old.pointee.capacity)
        unsafe block = nil
    }

    mutating func release(to pool: inout BufferPool) {
        large.removeAll()
        releaseBlock(to: &pool)
    }

    /// Drops every frame of which no byte has been sent.
    mutating func dropUnsentFrames(pool: inout BufferPool) {
        guard !isEmpty else { return }
        if let block = unsafe block {
            let end = unsafe large.hasBegun ? head : boundaryAfterHead(of: block)
            unsafe (block.pointee.tail, block.pointee.boundary) = (end, end)
            unsafe block.pointee.latestStart = OutputBlock.none
        }
        large.dropUnsent()
        trim(pool: &pool)
    }

    private func boundaryAfterHead(of block: UnsafeMutablePointer<OutputBlock>) -> Int {
        let (boundary, head) = unsafe (block.pointee.boundary, block.pointee.head)
        guard boundary < head else { return boundary }
        let frames = unsafe Span<UInt8>(_unsafeBytes: bytes(boundary..<tail))
        guard let distance = FrameSequence.boundary(in: frames, atOrAfter: head - boundary) else {
            preconditionFailure("output behind a boundary is whole frames")
        }
        return boundary + distance
    }

    private mutating func blockWithRoom(for added: Int, pool: inout BufferPool) -> UnsafeMutablePointer<OutputBlock> {
        guard let block = unsafe block else {
            return unsafe move(toCapacity: BufferPool.capacity(for: added), pool: &pool)
        }
        let (used, capacity) = unsafe (blockBytes, block.pointee.capacity)
        // Moved to the front of the same block only if a quarter of it stays free, so that a slow reader's bytes are
        // not moved again for every frame.
        let fits = used + added <= capacity / 4 * 3
        return unsafe move(
            toCapacity: fits ? capacity : BufferPool.capacity(for: max(used + added, capacity + 1)), pool: &pool)
    }

    /// Moves what is in use to the front of a block of this size: another one, or the same.
    private mutating func move(toCapacity wanted: Int, pool: inout BufferPool) -> UnsafeMutablePointer<OutputBlock> {
        var header = OutputBlock(capacity: wanted)
        guard let old = unsafe block else {
            let next = unsafe pool.take(capacity: wanted).bindMemory(to: OutputBlock.self, capacity: 1)
            unsafe next.initialize(to: header)
            unsafe block = next
            return unsafe next
        }
        let (head, oldCapacity) = unsafe (old.pointee.head, capacity)
        header.tail = blockBytes
        header.boundary = unsafe boundaryAfterHead(of: old) - head
        header.latestStart = unsafe old.pointee.latestStart - head
        header.latestLength = unsafe old.pointee.latestLength
        let isSame = wanted == oldCapacity
        let next =
            unsafe isSame ? old : pool.take(capacity: wanted).bindMemory(to: OutputBlock.self, capacity: 1)
        unsafe memmove(next + 1, UnsafeRawPointer(old + 1) + head, header.tail)
        unsafe next.initialize(to: header)
        if !isSame { unsafe pool.giveBack(old, capacity: oldCapacity) }
        large.moveAll(by: -head)
        unsafe block = next
        return unsafe next
    }
}
