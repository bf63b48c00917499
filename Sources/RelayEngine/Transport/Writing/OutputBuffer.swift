internal import Glibc
internal import RelayWire

/// The output queued for one connection: one contiguous run of bytes, so that one `send` takes it all.
///
/// It remembers one frame boundary, so that whole frames can be dropped for a slow reader, and the stream still ends
/// with a close frame that the client can read.
@safe struct OutputBuffer: ~Copyable {
    private var block: UnsafeMutableRawPointer?
    /// Memory held, of which `count` bytes are in use.
    private(set) var capacity = 0
    private var head = 0
    private var tail = 0
    /// An index at which a frame begins; bytes before it must not be dropped.
    private var boundary = 0

    /// Bytes not yet taken by the kernel.
    var count: Int { tail - head }
    var isEmpty: Bool { tail == head }

    var unsent: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: block.map { unsafe UnsafeRawPointer($0 + head) }, count: tail - head)
    }

    deinit {
        unsafe Glibc.free(block)
    }

    /// Adds whole frames.
    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer, pool: inout BufferPool) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        if unsafe block == nil || tail + bytes.count > capacity {
            makeRoom(for: bytes.count, pool: &pool)
        }
        if let block = unsafe block {
            unsafe (block + tail).copyMemory(from: source, byteCount: bytes.count)
        }
        tail += bytes.count
    }

    /// Adds bytes that are not a sequence of whole frames: an HTTP answer, or the rest of a frame.
    mutating func appendOpaque(_ bytes: UnsafeRawBufferPointer, pool: inout BufferPool) {
        unsafe append(bytes, pool: &pool)
        boundary = tail
    }

    /// Removes the first `count` bytes, which the kernel has accepted; an empty buffer holds no memory.
    mutating func consume(_ count: Int, pool: inout BufferPool) {
        precondition(count <= self.count, "the kernel takes no more than it was given")
        head += count
        if head == tail {
            release(to: &pool)
        } else {
            shrink(pool: &pool)
        }
    }

    /// Moves to a smaller block, lest the last bytes of much output keep the memory of all.
    private mutating func shrink(pool: inout BufferPool) {
        guard capacity > BufferPool.smallestBlock, count <= capacity / 8 else { return }
        move(toCapacity: BufferPool.capacity(for: 2 * count), pool: &pool)
    }

    mutating func release(to pool: inout BufferPool) {
        if let block = unsafe block { unsafe pool.giveBack(block, capacity: capacity) }
        unsafe block = nil
        (capacity, head, tail, boundary) = (0, 0, 0, 0)
    }

    /// Drops every frame of which no byte has been sent.
    mutating func dropUnsentFrames(pool: inout BufferPool) {
        guard !isEmpty else { return }
        tail = boundaryAfterHead()
        boundary = tail
        if head == tail {
            release(to: &pool)
        } else {
            shrink(pool: &pool)
        }
    }

    private func boundaryAfterHead() -> Int {
        guard boundary < head, let block = unsafe block else { return boundary }
        let frames = unsafe Span<UInt8>(
            _unsafeBytes: UnsafeRawBufferPointer(start: block + boundary, count: tail - boundary))
        guard let distance = FrameSequence.boundary(in: frames, atOrAfter: head - boundary) else {
            preconditionFailure("output behind a boundary is whole frames")
        }
        return boundary + distance
    }

    private mutating func makeRoom(for added: Int, pool: inout BufferPool) {
        // Moved to the front of the same block only if a quarter of it stays free, so that a slow reader's bytes are
        // not moved again for every frame.
        let fits = unsafe block != nil && count + added <= capacity / 4 * 3
        move(toCapacity: fits ? capacity : BufferPool.capacity(for: max(count + added, capacity + 1)), pool: &pool)
    }

    private mutating func move(toCapacity wanted: Int, pool: inout BufferPool) {
        let isSame = unsafe block != nil && wanted == capacity
        let next = unsafe isSame ? block : pool.take(capacity: wanted)
        let newBoundary = boundaryAfterHead() - head
        if let old = unsafe block, let next = unsafe next {
            unsafe memmove(next, old + head, count)
            if !isSame { unsafe pool.giveBack(old, capacity: capacity) }
        }
        (unsafe block, capacity, tail, head, boundary) = (unsafe next, wanted, count, 0, newBoundary)
    }
}
