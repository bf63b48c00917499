/// All of a room that outlives its connections: what travels to another machine, and what a file keeps over a restart.
///
/// Of a clientId it has the keyed hash, and the key: enough for its owner to be known again, and no secret to read.
package struct RoomRecord: Sendable, Equatable {
    /// A place that is kept for the owner of a slot.
    package struct HeldPlace: Sendable, Equatable {
        package var slot: Slot
        /// Seconds from now on, rounded up.
        package var seconds: Int

        package init(slot: Slot, seconds: Int) {
            self.slot = slot
            self.seconds = seconds
        }
    }

    /// A ticket that is good.
    package struct HeldTicket: Sendable, Equatable {
        package var slot: Slot
        /// Seconds from now on, rounded up.
        package var seconds: Int
        /// Of its text, under the hash of the owners' ids.
        package var digest: SipHash.Digest

        package init(slot: Slot, seconds: Int, digest: SipHash.Digest) {
            self.slot = slot
            self.seconds = seconds
            self.digest = digest
        }
    }

    package var code: RoomCode
    package var maxClients: Int
    /// The controller page as its host gave it, with its placeholders.
    package var url: String?
    /// Seconds for which the place of a member that is lost is kept.
    package var holdSeconds: Int
    /// The label of the `Origin` that the room is counted under.
    package var origin: String
    /// The hash that the owners' ids are kept as.
    package var hash: SipHash
    /// The owners of the slots, in the order of the slots; `SlotTable.nobody` for a slot that has none.
    package var owners: [SipHash.Digest]
    /// The places of those who were connected, and of those who were lost a short while before; ascending by slot.
    package var held: [HeldPlace]
    /// The host's snapshot, as it was sent.
    package var snapshot: [UInt8]?
    /// True if nobody gets in who has no slot.
    package var isLocked: Bool
    /// The clients that do not get in any more, each once.
    package var banned: [SipHash.Digest]
    /// The tickets that are good, the oldest first.
    package var tickets: [HeldTicket]

    package init(
        code: RoomCode, maxClients: Int, url: String?, holdSeconds: Int, origin: String, hash: SipHash,
        owners: [SipHash.Digest], held: [HeldPlace], snapshot: [UInt8]?, isLocked: Bool = false,
        banned: [SipHash.Digest] = [], tickets: [HeldTicket] = []
    ) {
        self.code = code
        self.maxClients = maxClients
        self.url = url
        self.holdSeconds = holdSeconds
        self.origin = origin
        self.hash = hash
        self.owners = owners
        self.held = held
        self.snapshot = snapshot
        self.isLocked = isLocked
        self.banned = banned
        self.tickets = tickets
    }
}
