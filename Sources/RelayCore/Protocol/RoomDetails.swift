/// The machine that a room is on, as clients see it.
@usableFromInline
package struct MachineLabels: Sendable {
    package let instance: InstanceID?
    package let region: String

    package init(instance: InstanceID?, region: String) {
        self.instance = instance
        self.region = region
    }
}

/// The terms of a room, for clients that understand more than the original protocol.
@usableFromInline
package struct RoomTerms: Sendable {
    package let maxClients: Int
    package let holdSeconds: Int
    /// The id that the relay has drawn for this client: said once, to its owner.
    package let drawnID: ClientID?

    package init(maxClients: Int, holdSeconds: Int, drawnID: ClientID?) {
        self.maxClients = maxClients
        self.holdSeconds = holdSeconds
        self.drawnID = drawnID
    }
}

/// All that `joined` says to clients that understand more than the original protocol.
@usableFromInline
package struct JoinedDetails: Sendable {
    package let machine: MachineLabels
    package let terms: RoomTerms
    /// The slots whose places are kept while they have no connection, ascending.
    package let away: [Slot]

    package init(machine: MachineLabels, terms: RoomTerms, away: [Slot]) {
        self.machine = machine
        self.terms = terms
        self.away = away
    }
}

/// The way in which a member has left, as the others are told.
package enum PeerLeftReason: String, Sendable {
    /// It has said that it goes for good, or has taken another slot.
    case left
    /// It has closed its connection.
    case closed
    /// Its connection has ended without a word.
    case lost
    /// The host has put it out.
    case kicked
}
