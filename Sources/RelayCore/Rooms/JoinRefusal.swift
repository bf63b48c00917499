/// The reason for which a room does not let a client in.
///
/// An error text is shared by several, but an operator must see which bound was reached.
@usableFromInline
package enum JoinRefusal: Error, Hashable, CaseIterable, Sendable {
    /// Nobody is connected, and the client has no slot: the room is there for its own alone.
    case dormant
    /// The host has banned the client.
    case banned
    /// The host has locked the room, and the client has no slot.
    case locked
    /// The client has no slot, and the ticket that it has shown is not good, or not any more.
    case invalidTicket
    /// All places are taken, by members who are connected or for those who may come back.
    case full
    /// The room has given out all slots that it gives in its life.
    case outOfSlots
    /// The client would need a new slot, and there is no memory for more.
    case outOfMemory
    /// The client would need a new slot, and too many have got one just before.
    case tooManyNewcomers
}

extension JoinRefusal {
    /// The answer to the client.
    package var error: RelayError {
        switch self {
        case .dormant: .roomNotFound
        case .banned: .notAllowed
        case .locked: .roomLocked
        case .invalidTicket: .ticketInvalid
        case .full, .outOfSlots: .roomFull
        case .outOfMemory: .serverFull
        // Room for it there is, and a little later it would get in.
        case .tooManyNewcomers: .tooManyAttempts
        }
    }
}
