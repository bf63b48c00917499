import RelayCore
import Testing

@Suite("Kinds of errors")
struct RelayErrorKindTests {
    @Test("a kind contains nothing that a client has written", arguments: ["x", "room", "\"} 1\n", ""])
    func withoutPayload(name: String) {
        #expect(RelayError.unknownURLPlaceholder(name).kind == .unknownURLPlaceholder)
    }

    @Test(
        "a kind has its error's name in snake case",
        arguments: [
            (RelayError.invalidJSON, "invalid_json"), (.roomNotFound, "room_not_found"),
            (.clientIDTooLong, "client_id_too_long"), (.maxClientsInvalid, "max_clients_invalid"),
            (.urlNotHTTPS, "url_not_https"), (.urlHasSpaces, "url_has_spaces"),
            (.onlyHostCanSetState, "only_host_can_set_state"), (.unknownURLPlaceholder("x"), "unknown_url_placeholder"),
        ])
    func names(error: RelayError, name: String) {
        #expect(error.kind.rawValue == name)
    }

    static let errors: [RelayError] = [
        .invalidJSON, .unknownMessageType, .serverDraining, .serverFull, .tooManyAttempts, .alreadyInRoom, .notInRoom,
        .clientIDRequired, .clientIDTooLong, .maxClientsInvalid, .roomRequired, .roomNotFound, .roomFull,
        .targetNotFound, .onlyHostCanSetState, .stateDataRequired, .stateTooLarge, .onlyHostCanClose, .urlNotAString,
        .urlTooLarge, .urlHasSpaces, .unknownURLPlaceholder("x"), .unmatchedURLBrace, .urlInvalid, .urlNotHTTPS,
        .holdInvalid, .notAllowed, .roomLocked, .onlyHostCanKick, .onlyHostCanLock, .onlyHostCanIssueTickets,
        .ticketInvalid, .banInvalid, .lockedInvalid,
    ]

    @Test("each error has a text and a kind of its own, and there is no kind without an error")
    func oneToOne() {
        #expect(Set(Self.errors.map(\.message)).count == Self.errors.count)
        #expect(Set(Self.errors.map(\.kind)) == Set(RelayError.Kind.allCases))
    }

    @Test("only an error that passes by itself says when to try again", arguments: errors)
    func retryAfter(error: RelayError) {
        let passes: Set<RelayError> = [.serverDraining, .serverFull, .tooManyAttempts, .roomFull]
        #expect((error.retryAfterSeconds != nil) == passes.contains(error))
    }

    @Test("every kind is a valid metric label", arguments: RelayError.Kind.allCases)
    func labels(kind: RelayError.Kind) {
        #expect(kind.rawValue.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil)
        #expect(kind.rawValue.filter { $0 != "_" } == "\(kind)".lowercased())
    }
}
