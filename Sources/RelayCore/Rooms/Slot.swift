/// A member's place in a room, counted from 0.
///
/// Slot 0 is the host's. An index belongs to one client for the room's life and is never given to another.
@usableFromInline
package struct Slot: Hashable, Comparable, Sendable {
    @usableFromInline let number: Int32

    /// - Parameter index: whatever a client has named; a number beyond 32 bits becomes the largest of them, which no
    ///   room gives away.
    @inlinable
    package init(_ index: Int) {
        number = Int32(clamping: index)
    }

    @inlinable
    package var index: Int { Int(number) }

    /// The slot of the client that created the room.
    @inlinable
    package static var host: Slot { Slot(0) }

    @inlinable
    package static func < (left: Slot, right: Slot) -> Bool {
        left.number < right.number
    }
}
