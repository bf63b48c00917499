internal import Glibc

/// The free output blocks of one loop.
///
/// A connection takes a block when it has something to send and gives it back when all is sent, so idle connections
/// hold none, and sending usually needs no malloc.
@safe struct BufferPool: ~Copyable {
    /// The room of the smallest block; sizes are powers of two.
    static let smallestBlock = 4_096
    /// The size of the largest block kept; larger ones are freed at once.
    static let largestPooledBlock = 65_536
    /// The most bytes kept in all: the output of one flush of a hundred members with several kilobytes each.
    static let mostBytesKept = 4 << 20

    private static let classes = 5
    private var free: [[UnsafeMutableRawPointer]] = unsafe Array(repeating: [], count: BufferPool.classes)
    /// The fewest free blocks of each size since the last trim.
    private var fewest = [Int](repeating: 0, count: BufferPool.classes)
    private(set) var bytesKept = 0

    deinit {
        unsafe free.forEach { unsafe $0.forEach { unsafe Glibc.free($0) } }
    }

    /// The capacity of a block that holds at least `count` bytes.
    static func capacity(for count: Int) -> Int {
        guard count > smallestBlock else { return smallestBlock }
        return 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    }

    /// - Parameter capacity: a result of `capacity(for:)`.
    mutating func take(capacity: Int) -> UnsafeMutableRawPointer {
        if capacity <= BufferPool.largestPooledBlock {
            let size = BufferPool.sizeClass(capacity)
            if let block = unsafe free[size].popLast() {
                fewest[size] = unsafe min(fewest[size], free[size].count)
                bytesKept -= capacity
                return unsafe block
            }
        }
        // What stands in front of the bytes comes on top, lest frames that fill a block need one of twice the size.
        guard let block = unsafe malloc(MemoryLayout<OutputBlock>.stride + capacity) else {
            fatalError("out of memory for \(capacity) bytes of output")
        }
        return unsafe block
    }

    mutating func giveBack(_ block: UnsafeMutableRawPointer, capacity: Int) {
        guard capacity <= BufferPool.largestPooledBlock, bytesKept + capacity <= BufferPool.mostBytesKept else {
            unsafe Glibc.free(block)
            return
        }
        bytesKept += capacity
        unsafe free[BufferPool.sizeClass(capacity)].append(block)
    }

    /// Frees all free blocks.
    mutating func empty() {
        for size in 0..<BufferPool.classes {
            while let block = unsafe free[size].popLast() { unsafe Glibc.free(block) }
            fewest[size] = 0
        }
        bytesKept = 0
    }

    /// Frees the blocks that nobody has needed since the last call.
    mutating func trim() {
        for size in 0..<BufferPool.classes {
            for _ in 0..<fewest[size] {
                guard let block = unsafe free[size].popLast() else { break }
                unsafe Glibc.free(block)
                bytesKept -= BufferPool.smallestBlock << size
            }
            fewest[size] = unsafe free[size].count
        }
    }

    private static func sizeClass(_ capacity: Int) -> Int {
        capacity.trailingZeroBitCount - smallestBlock.trailingZeroBitCount
    }
}
