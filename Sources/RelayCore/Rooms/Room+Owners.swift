extension Room {
    /// The slot that belongs to a client; nil if it is new to the room.
    package func slot(of clientID: ClientID) -> Slot? { slots.slot(of: slots.owner(clientID)) }

    /// True if the slot has a connection.
    package func isConnected(_ slot: Slot) -> Bool { place(of: slot) != nil }
}
