/// The reason why a client's message is refused, with its exact wire text.
///
/// Clients compare these texts, so this is the only place where they are written.
@usableFromInline
package struct RelayError: Error, Hashable, Sendable {
    /// The text of the `message` field.
    package let message: String
    package let kind: Kind

    private init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

extension RelayError {
    package static let invalidJSON = RelayError(.invalidJSON, "Invalid JSON")
    package static let unknownMessageType = RelayError(.unknownMessageType, "Unknown message type")
    package static let serverDraining = RelayError(.serverDraining, "Server draining")
    package static let serverFull = RelayError(.serverFull, "Server is full")
    package static let tooManyAttempts = RelayError(.tooManyAttempts, "Too many attempts")
    package static let alreadyInRoom = RelayError(.alreadyInRoom, "Already in a room")
    package static let notInRoom = RelayError(.notInRoom, "Not in a room")
    package static let clientIDRequired = RelayError(.clientIDRequired, "clientId is required")
    package static let clientIDTooLong = RelayError(.clientIDTooLong, "clientId is too long")
    package static let maxClientsInvalid = RelayError(
        .maxClientsInvalid, "maxClients must be a positive number")
    package static let roomRequired = RelayError(.roomRequired, "room is required")
    package static let roomNotFound = RelayError(.roomNotFound, "Room not found")
    @usableFromInline package static let roomFull = RelayError(.roomFull, "Room is full")
    @usableFromInline package static let targetNotFound = RelayError(.targetNotFound, "Target peer not found")
    package static let onlyHostCanSetState = RelayError(.onlyHostCanSetState, "Only the host can set state")
    package static let stateDataRequired = RelayError(.stateDataRequired, "State data is required")
    package static let stateTooLarge = RelayError(.stateTooLarge, "State too large")
    package static let onlyHostCanClose = RelayError(.onlyHostCanClose, "Only the host can close the room")
    package static let urlNotAString = RelayError(.urlNotAString, "url must be a string")
    package static let urlTooLarge = RelayError(.urlTooLarge, "url too large")
    package static let urlHasSpaces = RelayError(
        .urlHasSpaces, "url must not contain spaces or control characters")
    package static func unknownURLPlaceholder(_ name: String) -> RelayError {
        RelayError(.unknownURLPlaceholder, "Unknown url placeholder: {\(name)}")
    }
    package static let unmatchedURLBrace = RelayError(.unmatchedURLBrace, "url has an unmatched placeholder brace")
    package static let urlInvalid = RelayError(.urlInvalid, "url is not a valid URL")
    package static let holdInvalid = RelayError(
        .holdInvalid, "hold must be a number from 0 to \(MessageDetails.maximumHoldSeconds)")
    package static let notAllowed = RelayError(.notAllowed, "Not allowed")
    package static let roomLocked = RelayError(.roomLocked, "Room is locked")
    package static let onlyHostCanKick = RelayError(.onlyHostCanKick, "Only the host can kick")
    package static let onlyHostCanLock = RelayError(.onlyHostCanLock, "Only the host can lock")
    package static let onlyHostCanIssueTickets = RelayError(.onlyHostCanIssueTickets, "Only the host can issue tickets")
    package static let ticketInvalid = RelayError(.ticketInvalid, "Ticket is not valid")
    package static let banInvalid = RelayError(.banInvalid, "ban must be true or false")
    package static let lockedInvalid = RelayError(.lockedInvalid, "locked must be true or false")
    package static let urlNotHTTPS = RelayError(.urlNotHTTPS, "url must be an https URL")
}
