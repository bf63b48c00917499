/// What a search on the siblings has found out about a room.
package enum RoomLocation: Hashable, Sendable {
    /// This sibling has the room.
    case sibling(InstanceID)
    /// No sibling has it.
    case nowhere
    /// Not all siblings could be asked, or not all have answered.
    case unknown
}
