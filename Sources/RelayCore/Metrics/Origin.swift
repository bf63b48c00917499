/// An origin with the row that counts for it, as its connections and rooms refer to it: all of one row share one.
package final class Origin: Sendable {
    package let id: OriginID
    package let label: String

    package init(id: OriginID, label: String) {
        self.id = id
        self.label = label
    }

    /// The memory that it takes on the heap.
    package var heldBytes: Int { Origin.ownBytes + HeapBlock.bytes(of: label) }

    private static let ownBytes = HeapBlock.bytes(
        requested: HeapBlock.objectHeader + MemoryLayout<OriginID>.stride + MemoryLayout<String>.stride)
}
