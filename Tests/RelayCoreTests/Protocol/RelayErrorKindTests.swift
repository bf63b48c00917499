import RelayCore
import Testing

@Suite("Kinds of errors")
struct RelayErrorKindTests {
    @Test("a kind contains nothing that a client has written", arguments: ["x", "room", "\"} 1\n", ""])
    func withoutPayload(name: String) {
        #expect(RelayError.urlUnknownPlaceholder(name).kind == .urlUnknownPlaceholder)
    }

    @Test(
        "a kind has its error's name in snake case",
        arguments: [
            (RelayError.invalidJSON, "invalid_json"), (.roomNotFound, "room_not_found"),
            (.clientIDTooLong, "client_id_too_long"), (.maxClientsNotPositive, "max_clients_not_positive"),
            (.urlNotHTTPS, "url_not_https"), (.urlHasSpaceOrControl, "url_has_space_or_control"),
            (.stateNotByHost, "state_not_by_host"), (.urlUnknownPlaceholder("x"), "url_unknown_placeholder"),
        ])
    func names(error: RelayError, name: String) {
        #expect(error.kind.rawValue == name)
    }

    @Test("every kind is a valid metric label", arguments: RelayError.Kind.allCases)
    func labels(kind: RelayError.Kind) {
        #expect(kind.rawValue.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil)
        #expect(kind.rawValue.filter { $0 != "_" } == "\(kind)".lowercased())
    }
}
