internal import CLinux
internal import Glibc

/// Memory for large messages, of which each thread keeps some that is free: a loop handles one large message after the
/// other, and to map the pages of each anew takes longer than to copy it.
enum LargeBlock {
    /// The size from which a block is large; smaller ones are the heap's.
    static let smallest = 64 << 10

    /// - Returns: a block of at least this size, with its capacity.
    static func take(_ wanted: Int) -> (memory: UnsafeMutableRawPointer, capacity: Int) {
        var capacity = wanted
        let memory = unsafe wanted < smallest ? malloc(wanted) : clinux_block_take(wanted, &capacity)
        guard let memory = unsafe memory else { fatalError("out of memory for \(wanted) bytes") }
        return unsafe (memory, capacity)
    }

    /// - Parameter all: the size that a message of which more is to come will have, as far as is known.
    /// - Returns: a block of at least the size wanted now, with its capacity: if a much larger one is kept, up to that size,
    ///   the message need not move again.
    static func take(_ wanted: Int, of all: Int) -> (memory: UnsafeMutableRawPointer, capacity: Int) {
        guard wanted >= smallest else { return unsafe take(wanted) }
        var capacity = wanted
        let most = min(16 * wanted, max(2 * wanted, all))
        guard let memory = unsafe clinux_block_take_largest(wanted, most, &capacity) else {
            fatalError("out of memory for \(wanted) bytes")
        }
        return unsafe (memory, capacity)
    }

    /// - Parameter memory: a block of this capacity, large or not.
    static func giveBack(_ memory: UnsafeMutableRawPointer?, capacity: Int) {
        if capacity < smallest {
            unsafe free(memory)
        } else {
            unsafe clinux_block_give_back(memory, capacity)
        }
    }

    /// Bytes that are kept for this thread.
    static var keptBytes: Int { clinux_blocks_kept() }

    /// Frees the blocks of this thread if none has been used since the last call.
    static func trim() { clinux_blocks_trim() }

    /// Frees the blocks that are kept for this thread.
    static func freeKept() { clinux_blocks_free() }
}
