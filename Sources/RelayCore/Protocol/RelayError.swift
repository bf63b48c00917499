/// What a client may be told in an `error` message, each with its exact wire text.
///
/// Clients compare these strings, so this is the only place where they are written.
@usableFromInline
package enum RelayError: Error, Hashable, Sendable {
    case invalidJSON
    case unknownMessageType
    case serverDraining
    case serverFull
    case tooManyAttempts
    case alreadyInRoom
    case notInRoom
    case clientIDRequired
    case clientIDTooLong
    case maxClientsNotPositive
    case roomRequired
    case roomNotFound
    case roomFull
    case targetNotFound
    case stateNotByHost
    case stateDataRequired
    case stateTooLarge
    case closeNotByHost
    case urlNotString
    case urlTooLarge
    case urlHasSpaceOrControl
    case urlUnknownPlaceholder(String)
    case urlUnmatchedBrace
    case urlInvalid
    case urlNotHTTPS

    /// The text of the `message` field.
    package var message: String {
        switch self {
        case .invalidJSON: "Invalid JSON"
        case .unknownMessageType: "Unknown message type"
        case .serverDraining: "Server draining"
        case .serverFull: "Server is full"
        case .tooManyAttempts: "Too many attempts"
        case .alreadyInRoom: "Already in a room"
        case .notInRoom: "Not in a room"
        case .clientIDRequired: "clientId is required"
        case .clientIDTooLong: "clientId is too long"
        case .maxClientsNotPositive: "maxClients must be a positive number"
        case .roomRequired: "room is required"
        case .roomNotFound: "Room not found"
        case .roomFull: "Room is full"
        case .targetNotFound: "Target peer not found"
        case .stateNotByHost: "Only the host can set state"
        case .stateDataRequired: "State data is required"
        case .stateTooLarge: "State too large"
        case .closeNotByHost: "Only the host can close the room"
        case .urlNotString: "url must be a string"
        case .urlTooLarge: "url too large"
        case .urlHasSpaceOrControl: "url must not contain spaces or control characters"
        case .urlUnknownPlaceholder(let name): "Unknown url placeholder: {\(name)}"
        case .urlUnmatchedBrace: "url has an unmatched placeholder brace"
        case .urlInvalid: "url is not a valid URL"
        case .urlNotHTTPS: "url must be an https URL"
        }
    }
}
