/// The memory that a block on the heap takes, as the allocator counts it, so that sums of many follow real memory.
///
/// An estimate after glibc's malloc: a header of its own, blocks in steps of 16 bytes, and whole pages where a block is a
/// mapping of its own.
@usableFromInline
package enum HeapBlock {
    @usableFromInline static let header = 8
    @usableFromInline static let step = 16
    @usableFromInline static let smallest = 32
    @usableFromInline static let mappedHeader = 16
    @usableFromInline static let page = 4_096
    /// Larger blocks are mapped each for itself.
    @usableFromInline static let largestUnmapped = 64 << 10
    /// What Swift puts before the elements of an array, or the bytes of a string.
    @usableFromInline static let bufferHeader = 32
    /// What Swift puts before the fields of an object.
    package static let objectHeader = 16
    /// The longest string that needs no memory of its own.
    @usableFromInline static let longestInlineString = 15

    @inlinable
    package static func bytes(requested: Int) -> Int {
        if requested >= largestUnmapped { return roundedUp(requested + mappedHeader, to: page) }
        return max(roundedUp(requested + header, to: step), smallest)
    }

    @inlinable
    package static func bytes<Element>(of array: [Element]) -> Int {
        bytes(ofArrayWith: array.capacity, of: Element.self)
    }

    /// The memory of an array with room for so many elements.
    @inlinable
    package static func bytes<Element>(ofArrayWith capacity: Int, of element: Element.Type) -> Int {
        capacity == 0 ? 0 : bytes(requested: bufferHeader + capacity * MemoryLayout<Element>.stride)
    }

    @inlinable
    package static func bytes(of string: String) -> Int {
        let count = string.utf8.count
        return count <= longestInlineString ? 0 : bytes(requested: bufferHeader + count + 1)
    }

    @inlinable
    static func roundedUp(_ bytes: Int, to step: Int) -> Int {
        (bytes + step - 1) / step * step
    }
}
