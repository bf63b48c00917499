/// Why a query has no answer.
public struct AresError: Error, Hashable, Sendable {
    /// What went wrong, for an operator.
    public let message: String

    init(message: String) {
        self.message = message
    }
}
