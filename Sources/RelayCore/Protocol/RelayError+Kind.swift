extension RelayError {
    /// The stable name of an error: its `code` on the wire, and the label under which it is counted.
    ///
    /// A closed set: nothing that a client has written becomes the label of a metric.
    package enum Kind: String, CaseIterable, Sendable {
        case invalidJSON = "invalid_json"
        case unknownMessageType = "unknown_message_type"
        case serverDraining = "server_draining"
        case serverFull = "server_full"
        case tooManyAttempts = "too_many_attempts"
        case alreadyInRoom = "already_in_room"
        case notInRoom = "not_in_room"
        case clientIDRequired = "client_id_required"
        case clientIDTooLong = "client_id_too_long"
        case maxClientsInvalid = "max_clients_invalid"
        case roomRequired = "room_required"
        case roomNotFound = "room_not_found"
        case roomFull = "room_full"
        case targetNotFound = "target_not_found"
        case onlyHostCanSetState = "only_host_can_set_state"
        case stateDataRequired = "state_data_required"
        case stateTooLarge = "state_too_large"
        case onlyHostCanClose = "only_host_can_close"
        case holdInvalid = "hold_invalid"
        case urlNotAString = "url_not_a_string"
        case urlTooLarge = "url_too_large"
        case urlHasSpaces = "url_has_spaces"
        case unknownURLPlaceholder = "unknown_url_placeholder"
        case unmatchedURLBrace = "unmatched_url_brace"
        case urlInvalid = "url_invalid"
        case urlNotHTTPS = "url_not_https"
        case notAllowed = "not_allowed"
        case roomLocked = "room_locked"
        case onlyHostCanKick = "only_host_can_kick"
        case onlyHostCanLock = "only_host_can_lock"
        case onlyHostCanIssueTickets = "only_host_can_issue_tickets"
        case ticketInvalid = "ticket_invalid"
        case banInvalid = "ban_invalid"
        case lockedInvalid = "locked_invalid"
    }
}

extension RelayError {
    /// Seconds after which it makes sense to try again, for an error that passes by itself.
    ///
    /// For `tooManyAttempts` the least; the relay knows better what its limit asks for.
    package var retryAfterSeconds: Int? {
        switch kind {
        case .serverDraining, .tooManyAttempts: 1
        case .serverFull, .roomFull: 5
        default: nil
        }
    }
}
