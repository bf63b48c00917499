package import RelayCore
package import RelayEngine

/// How the rooms of a draining machine outlive it.
package struct RoomRescue: Sendable {
    /// Gives rooms to other machines; nil where no machine could take any.
    package var taker: RoomTaker?
    /// Seconds over which they go.
    package var handoffSeconds: Int
    /// Writes rooms for the next start, and tells how many it had to leave out; nil if there is no place for them.
    package var keep: (@Sendable ([RoomRecord]) throws -> Int)?

    package init(
        taker: RoomTaker? = nil, handoffSeconds: Int = 0, keep: (@Sendable ([RoomRecord]) throws -> Int)? = nil
    ) {
        self.taker = taker
        self.handoffSeconds = handoffSeconds
        self.keep = keep
    }
}
