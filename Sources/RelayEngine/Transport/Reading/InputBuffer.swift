internal import Glibc

/// The bytes of a request or frame that has not arrived whole, kept until the next read.
///
/// It grows with the bytes that arrive, never with the length that a frame's header announces, which only bounds it. An
/// empty one holds no memory, and takes one word of its connection.
@safe struct InputBuffer: ~Copyable {
    /// What stands in front of the bytes.
    private struct Header {
        /// Memory of the whole block.
        var capacity: Int
        /// Bytes that are in use.
        var count: Int
    }

    private static let headerBytes = MemoryLayout<Header>.stride

    private var header: UnsafeMutablePointer<Header>?

    /// Memory held.
    var capacity: Int { unsafe header?.pointee.capacity ?? 0 }
    var count: Int { unsafe header?.pointee.count ?? 0 }
    var isEmpty: Bool { count == 0 }

    /// Bytes that there is memory for.
    private var room: Int { max(capacity - InputBuffer.headerBytes, 0) }

    private var base: UnsafeMutableRawPointer? { unsafe header.map { unsafe UnsafeMutableRawPointer($0 + 1) } }

    var bytes: UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(start: base, count: count)
    }

    deinit {
        unsafe LargeBlock.giveBack(header, capacity: capacity)
    }

    /// Keeps a copy of these bytes and nothing else.
    ///
    /// - Parameter expected: the bytes that are to be held in all, as far as is known.
    mutating func replace(with rest: UnsafeRawBufferPointer, expecting expected: @autoclosure () -> Int = .max) {
        guard let source = rest.baseAddress, rest.count > 0 else { return release() }
        if rest.count > room || isOversized(for: rest.count) {
            release()
            reserve(rest.count, of: expected())
        }
        if let base = unsafe base { unsafe memcpy(base, source, rest.count) }
        setCount(rest.count)
    }

    /// Drops the first bytes.
    mutating func consume(_ consumed: Int) {
        // A message that is still arriving keeps its block, however large.
        guard consumed > 0 else { return }
        if let base = unsafe base { unsafe memmove(base, base + consumed, count - consumed) }
        setCount(count - consumed)
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
    ///
    /// - Parameter expected: the bytes that are to be held in all, as far as is known. There is no more memory than for
    ///   them, and so perhaps less space.
    mutating func space(atLeast least: Int, expecting expected: Int = .max) -> UnsafeMutableRawBufferPointer {
        let most = expected > count ? expected : .max
        if room < min(count + least, most) { reserve(min(max(2 * room, count + least), most), of: most) }
        return unsafe UnsafeMutableRawBufferPointer(start: base.map { unsafe $0 + count }, count: room - count)
    }

    /// Adds bytes that were read into `space`.
    mutating func grow(by added: Int) {
        precondition(count + added <= room, "bytes are read into the space there is")
        setCount(count + added)
    }

    private mutating func setCount(_ count: Int) {
        if let header = unsafe header { unsafe header.pointee.count = count }
    }

    mutating func release() {
        unsafe LargeBlock.giveBack(header, capacity: capacity)
        unsafe header = nil
    }

    /// Moves to a block for so many bytes.
    ///
    /// - Parameter expected: the bytes that are to be held in all. One that is kept may have room for more than is wanted
    ///   now, but not for much more than them.
    private mutating func reserve(_ wanted: Int, of expected: Int = .max) {
        let (used, memory) = (count, wanted + InputBuffer.headerBytes)
        if max(memory, capacity) < LargeBlock.smallest {
            guard let grown = unsafe realloc(header, memory) else {
                fatalError("out of memory for \(wanted) bytes of input")
            }
            unsafe take(grown, capacity: memory, count: used)
        } else {
            let all = min(expected, Int.max - InputBuffer.headerBytes) + InputBuffer.headerBytes
            let (next, nextCapacity) =
                unsafe memory > capacity ? LargeBlock.take(memory, of: all) : LargeBlock.take(memory)
            if let base = unsafe base { unsafe memcpy(next + InputBuffer.headerBytes, base, used) }
            unsafe LargeBlock.giveBack(header, capacity: capacity)
            unsafe take(next, capacity: nextCapacity, count: used)
        }
    }

    private mutating func take(_ memory: UnsafeMutableRawPointer, capacity: Int, count: Int) {
        let header = unsafe memory.bindMemory(to: Header.self, capacity: 1)
        unsafe header.initialize(to: Header(capacity: capacity, count: count))
        unsafe self.header = header
    }
}
