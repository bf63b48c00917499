extension RelayError {
    /// The name under which an error is counted.
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
        case maxClientsNotPositive = "max_clients_not_positive"
        case roomRequired = "room_required"
        case roomNotFound = "room_not_found"
        case roomFull = "room_full"
        case targetNotFound = "target_not_found"
        case stateNotByHost = "state_not_by_host"
        case stateDataRequired = "state_data_required"
        case stateTooLarge = "state_too_large"
        case closeNotByHost = "close_not_by_host"
        case holdOutOfRange = "hold_out_of_range"
        case urlNotString = "url_not_string"
        case urlTooLarge = "url_too_large"
        case urlHasSpaceOrControl = "url_has_space_or_control"
        case urlUnknownPlaceholder = "url_unknown_placeholder"
        case urlUnmatchedBrace = "url_unmatched_brace"
        case urlInvalid = "url_invalid"
        case urlNotHTTPS = "url_not_https"
    }
}
