internal import RelayCore

/// A limit that a client may exceed, named as metrics count it.
package enum Limit: String, CaseIterable, Sendable {
    case messageBytes = "message_bytes"
    case queuedBytes = "queued_bytes"
    case bufferedBytes = "buffered_bytes"
    /// A connection that sends much has been paused, because memory is short.
    case memoryPressure = "memory_pressure"
    /// A sender of large messages has been paused, because one of its receivers has much queued.
    case fullReceiver = "full_receiver"
    case messagesPerSecond = "messages_per_second"
    case connections
    case rooms
    case clientsPerRoom = "clients_per_room"
    /// The rooms' own memory.
    case roomBytes = "room_bytes"
    /// A room's slots in its life.
    case slotsPerRoom = "slots_per_room"
    /// A room's new slots in a short time.
    case newSlots = "new_slots"
    case clientIDBytes = "client_id_bytes"
    case joinTimeout = "join_timeout"
    case handshakeTimeout = "handshake_timeout"
    case requestHeadBytes = "request_head_bytes"
    case missesPerMinute = "misses_per_minute"
    case allowedOrigins = "allowed_origins"
    case connectionsPerAddress = "connections_per_address"
    case roomsPerAddress = "rooms_per_address"
    /// The connection of one slot was taken over too often.
    case takeovers
    case openFiles = "open_files"
    /// A search for a room on the siblings took longer than allowed, and its request was served without it.
    case siblingSearch = "sibling_search"
}

extension Limit {
    /// The limit for which a room refuses a client; nil for what its host decides, and who is there.
    init?(_ refusal: JoinRefusal) {
        switch refusal {
        case .dormant, .banned, .locked, .invalidTicket, .full: return nil
        case .outOfSlots: self = .slotsPerRoom
        case .outOfMemory: self = .roomBytes
        case .tooManyNewcomers: self = .newSlots
        }
    }

    init(_ limit: TransportLimit) {
        self =
            switch limit {
            case .messageBytes: .messageBytes
            case .queuedBytes: .queuedBytes
            case .bufferedBytes: .bufferedBytes
            case .memoryPressure: .memoryPressure
            case .fullReceiver: .fullReceiver
            case .messagesPerSecond: .messagesPerSecond
            case .handshakeTimeout: .handshakeTimeout
            case .requestHeadBytes: .requestHeadBytes
            case .openFiles: .openFiles
            case .socketsPerPeer: .connectionsPerAddress
            case .lookupTimeout: .siblingSearch
            }
    }
}
