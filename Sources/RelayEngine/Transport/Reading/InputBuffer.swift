internal import Glibc

/// The bytes of a request or frame that has not arrived whole, kept until the next read.
///
/// It grows with the bytes that arrive, never with the length that a frame's header announces; an empty one holds no
/// memory.
@safe struct InputBuffer: ~Copyable {
    private var base: UnsafeMutableRawPointer?
    /// Memory held, of which `count` bytes are in use.
    private(set) var capacity = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    var bytes: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: base, count: count)
    }

    deinit {
        unsafe LargeBlock.giveBack(base, capacity: capacity)
    }

    /// Keeps a copy of these bytes and nothing else.
    mutating func replace(with rest: UnsafeRawBufferPointer) {
        guard let source = rest.baseAddress, rest.count > 0 else { return release() }
        if rest.count > capacity || isOversized(for: rest.count) {
            release()
            reserve(rest.count)
        }
        if let base = unsafe base { unsafe memcpy(base, source, rest.count) }
        count = rest.count
    }

    /// Drops the first bytes.
    mutating func consume(_ consumed: Int) {
        // A message that is still arriving keeps its block, however large.
        guard consumed > 0 else { return }
        if let base = unsafe base { unsafe memmove(base, base + consumed, count - consumed) }
        count -= consumed
        // The rest of the next frame must not keep the memory of a large one.
        shrink()
    }

    /// Gives back space that is far more than the bytes held.
    mutating func shrink() {
        guard count > 0 else { return release() }
        if isOversized(for: count) { reserve(count) }
    }

    private func isOversized(for count: Int) -> Bool {
        capacity > 4 * count + 1_024
    }

    /// Space for a read behind the bytes held; the buffer at least doubles when it grows.
    mutating func space(atLeast least: Int) -> UnsafeMutableRawBufferPointer {
        if capacity - count < least { reserve(max(2 * capacity, count + least)) }
        return unsafe UnsafeMutableRawBufferPointer(start: base.map { unsafe $0 + count }, count: capacity - count)
    }

    /// Adds bytes that were read into `space`.
    mutating func grow(by added: Int) {
        precondition(count + added <= capacity, "bytes are read into the space there is")
        count += added
    }

    mutating func release() {
        unsafe LargeBlock.giveBack(base, capacity: capacity)
        unsafe base = nil
        (capacity, count) = (0, 0)
    }

    private mutating func reserve(_ wanted: Int) {
        if max(wanted, capacity) < LargeBlock.smallest {
            guard let grown = unsafe realloc(base, wanted) else {
                fatalError("out of memory for \(wanted) bytes of input")
            }
            unsafe base = grown
            capacity = wanted
        } else {
            moveToLargeBlock(wanted)
        }
    }

    /// Moves to another block, one of them large.
    private mutating func moveToLargeBlock(_ wanted: Int) {
        let (next, nextCapacity) = unsafe wanted > capacity ? LargeBlock.takeToGrow(wanted) : LargeBlock.take(wanted)
        if let base = unsafe base { unsafe memcpy(next, base, count) }
        unsafe LargeBlock.giveBack(base, capacity: capacity)
        unsafe base = next
        capacity = nextCapacity
    }
}
