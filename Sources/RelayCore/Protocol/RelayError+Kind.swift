extension RelayError {
    /// Which error it is, by the name under which the operator sees it counted.
    ///
    /// Without what a client has written: that must not become the label of a metric.
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
        case urlNotString = "url_not_string"
        case urlTooLarge = "url_too_large"
        case urlHasSpaceOrControl = "url_has_space_or_control"
        case urlUnknownPlaceholder = "url_unknown_placeholder"
        case urlUnmatchedBrace = "url_unmatched_brace"
        case urlInvalid = "url_invalid"
        case urlNotHTTPS = "url_not_https"
    }

    package var kind: Kind {
        switch self {
        case .invalidJSON: .invalidJSON
        case .unknownMessageType: .unknownMessageType
        case .serverDraining: .serverDraining
        case .serverFull: .serverFull
        case .tooManyAttempts: .tooManyAttempts
        case .alreadyInRoom: .alreadyInRoom
        case .notInRoom: .notInRoom
        case .clientIDRequired: .clientIDRequired
        case .clientIDTooLong: .clientIDTooLong
        case .maxClientsNotPositive: .maxClientsNotPositive
        case .roomRequired: .roomRequired
        case .roomNotFound: .roomNotFound
        case .roomFull: .roomFull
        case .targetNotFound: .targetNotFound
        case .stateNotByHost: .stateNotByHost
        case .stateDataRequired: .stateDataRequired
        case .stateTooLarge: .stateTooLarge
        case .closeNotByHost: .closeNotByHost
        case .urlNotString: .urlNotString
        case .urlTooLarge: .urlTooLarge
        case .urlHasSpaceOrControl: .urlHasSpaceOrControl
        case .urlUnknownPlaceholder: .urlUnknownPlaceholder
        case .urlUnmatchedBrace: .urlUnmatchedBrace
        case .urlInvalid: .urlInvalid
        case .urlNotHTTPS: .urlNotHTTPS
        }
    }
}
