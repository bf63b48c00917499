/// Why something did not work, or why a room is over for this client.
///
/// What to do about it is in `code`, `isFinal` and `retryAfter`; `message` is for people who read logs.
public struct PartyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, for programs.
    public let code: Code

    /// What happened, for people. Its words may change; it holds no secret.
    public let message: String

    /// The time after which it makes sense to try again, if the relay has named one.
    public let retryAfter: Duration?

    /// Whether trying again is of no use: the room is closed, the code is unknown, the client was removed.
    public let isFinal: Bool

    /// The code with which the relay closed the connection, if that is why.
    public let closeCode: Int?

    init(_ code: Code, _ message: String, retryAfter: Duration? = nil, closeCode: Int? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
        self.isFinal = code.verdict.isFinal
        self.closeCode = closeCode
    }

    /// The code and the message.
    public var description: String { "\(code.rawValue): \(message)" }
}
