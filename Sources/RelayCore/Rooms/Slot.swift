/// A member's place in a room, counted from 0.
///
/// Slot 0 is the host's. An index belongs to one client for the room's life and is never given to another.
@usableFromInline
package struct Slot: Hashable, Comparable, Sendable {
    @usableFromInline package let index: Int

    @inlinable
    package init(_ index: Int) {
        self.index = index
    }

    /// The slot of the client that created the room.
    @inlinable
    package static var host: Slot { Slot(0) }

    @inlinable
    package static func < (left: Slot, right: Slot) -> Bool {
        left.index < right.index
    }
}
