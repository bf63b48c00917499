import NIOConcurrencyHelpers
import PartySocketsClient

/// A store of secrets in memory.
final class Shelf: Sendable {
    private let secrets = NIOLockedValueBox<[String: ClientID]>([:])

    var count: Int { secrets.withLockedValue(\.count) }

    var store: ClientIDStore {
        ClientIDStore(
            load: { [secrets] room in secrets.withLockedValue { $0[room] } },
            save: { [secrets] id, room in secrets.withLockedValue { $0[room] = id } })
    }
}
