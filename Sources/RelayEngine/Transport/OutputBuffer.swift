internal import Glibc
internal import RelayWire

/// What waits to be sent on one connection: one contiguous run of bytes, so that one `send` takes it all.
///
/// It remembers one frame boundary, so that the frames of a reader that is too slow can be dropped whole
/// and the stream still ends with a close frame that the client can read.
@safe struct OutputBuffer: ~Copyable {
    private var block: UnsafeMutableRawPointer?
    private var capacity = 0
    private var head = 0
    private var tail = 0
    /// An index at which a frame begins; what lies before it is not to be cut.
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

    /// Takes note that the kernel has the first `count` bytes; an empty buffer holds no memory.
    mutating func consume(_ count: Int, pool: inout BufferPool) {
        precondition(count <= self.count, "the kernel takes no more than it was given")
        head += count
        if head == tail { release(to: &pool) }
    }

    mutating func release(to pool: inout BufferPool) {
        if let block = unsafe block { unsafe pool.giveBack(block, capacity: capacity) }
        unsafe block = nil
        (capacity, head, tail, boundary) = (0, 0, 0, 0)
    }

    /// Forgets every frame of which no byte has been sent.
    mutating func dropUnsentFrames(pool: inout BufferPool) {
        guard !isEmpty else { return }
        tail = boundaryAfterHead()
        boundary = tail
        if head == tail { release(to: &pool) }
    }

    private func boundaryAfterHead() -> Int {
        guard boundary < head, let block = unsafe block else { return boundary }
        let frames = unsafe Span<UInt8>(
            _unsafeBytes: UnsafeRawBufferPointer(start: block + boundary, count: tail - boundary))
        guard let distance = FrameSequence.boundary(in: frames, atOrAfter: head - boundary) else {
            preconditionFailure("what is queued behind a boundary is whole frames")
        }
        return boundary + distance
    }

    private mutating func makeRoom(for added: Int, pool: inout BufferPool) {
        // Twice what it holds, so that a slow reader's bytes are not moved again for every frame.
        let wanted = BufferPool.capacity(for: 2 * count + added)
        let next = unsafe wanted > capacity || block == nil ? pool.take(capacity: wanted) : block
        let newBoundary = boundaryAfterHead() - head
        if let old = unsafe block, let next = unsafe next {
            unsafe memmove(next, old + head, count)
            if unsafe next != old { unsafe pool.giveBack(old, capacity: capacity) }
        }
        if unsafe next != block { capacity = wanted }
        (unsafe block, tail, head, boundary) = (unsafe next, count, 0, newBoundary)
    }
}
