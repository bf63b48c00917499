extension PartyError {
    /// What happened: the relay's own code for an error, or one of this client's.
    ///
    /// A relay that is newer than this client may send codes that are not named here.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The code as the relay writes it.
        public let rawValue: String

        /// A code by its name.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }
    }
}

// How a connection or a room ends.
extension PartyError.Code {
    /// This client has left the room.
    public static let left = Self(rawValue: "left")
    /// The same client has come by another connection, or its seat was given to another by a ticket (close 4000).
    public static let replaced = Self(rawValue: "replaced")
    /// The host has closed the room, or was away too long (close 4001).
    public static let roomClosed = Self(rawValue: "room_closed")
    /// The host has removed this client (close 4003).
    public static let kicked = Self(rawValue: "kicked")
    /// The connection was lost or closed, or could not be made.
    public static let unreachable = Self(rawValue: "unreachable")
    /// There was no answer in time.
    public static let timeout = Self(rawValue: "timeout")
    /// The client has tried to come back for as long as `RoomOptions.budget` allows.
    public static let gaveUp = Self(rawValue: "gave_up")
    /// The task was cancelled, or nobody holds the `Room` any more.
    public static let aborted = Self(rawValue: "aborted")
    /// The program has called `Room.suspend()`.
    public static let suspended = Self(rawValue: "suspended")
}

// What the relay answers to `create`, `join` and the upgrade before them.
extension PartyError.Code {
    /// Nobody knows a room with this code, or it is over.
    public static let roomNotFound = Self(rawValue: "room_not_found")
    /// All places are taken.
    public static let roomFull = Self(rawValue: "room_full")
    /// The host lets nobody new in.
    public static let roomLocked = Self(rawValue: "room_locked")
    /// The host has banned this client, or the relay refuses this program (status 403).
    public static let notAllowed = Self(rawValue: "not_allowed")
    /// The ticket is unknown, used or too old.
    public static let ticketInvalid = Self(rawValue: "ticket_invalid")
    /// The relay takes no more rooms or connections.
    public static let serverFull = Self(rawValue: "server_full")
    /// The relay is about to shut down, and creates no rooms.
    public static let serverDraining = Self(rawValue: "server_draining")
    /// Too many codes were tried from this address, or a seat was taken over too often.
    public static let tooManyAttempts = Self(rawValue: "too_many_attempts")
    /// What answers at this URL is no relay, or one behind a proxy that does not know WebSockets.
    public static let noRelay = Self(rawValue: "no_relay")
}

// What the relay answers to messages of a member.
extension PartyError.Code {
    /// A message is no JSON.
    public static let invalidJSON = Self(rawValue: "invalid_json")
    /// The relay does not know this message: it is older than this client.
    public static let unknownMessageType = Self(rawValue: "unknown_message_type")
    /// No member sits at the index that was named.
    public static let targetNotFound = Self(rawValue: "target_not_found")
    /// The state is larger than 16,384 bytes. This client says so itself, and does not send it.
    public static let stateTooLarge = Self(rawValue: "state_too_large")
    /// Only the host, at index 0, sets the state.
    public static let onlyHostCanSetState = Self(rawValue: "only_host_can_set_state")
    /// Only the host closes the room.
    public static let onlyHostCanClose = Self(rawValue: "only_host_can_close")
    /// Only the host removes members.
    public static let onlyHostCanKick = Self(rawValue: "only_host_can_kick")
    /// Only the host locks the room.
    public static let onlyHostCanLock = Self(rawValue: "only_host_can_lock")
    /// Only the host gives tickets.
    public static let onlyHostCanIssueTickets = Self(rawValue: "only_host_can_issue_tickets")
}

// What this client says itself.
extension PartyError.Code {
    /// The URL names no relay: it needs the scheme ws, wss, http or https, and a host.
    public static let invalidURL = Self(rawValue: "invalid_url")
    /// The relay is too old for this.
    public static let notSupported = Self(rawValue: "not_supported")
    /// wss needs the package's trait `TLS`, without which this client was built.
    public static let noTLS = Self(rawValue: "no_tls")
    /// A value has no JSON.
    public static let notEncodable = Self(rawValue: "not_encodable")
    /// A message is not of the type that was asked for.
    public static let notDecodable = Self(rawValue: "not_decodable")
    /// Messages were dropped: the connection is away or too slow, and `RoomOptions.whileAway` keeps no more.
    public static let notSent = Self(rawValue: "not_sent")
}
