/// Why a question has no answer.
///
/// What went wrong is the ``code``, which a program can act on; the message is for an operator. Errors never hold what
/// a server sent.
public struct AresError: Error, Hashable, Sendable {
    /// The kinds of failure. More may come, so a `switch` needs a `default`.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The name is no host name; nothing was sent.
        case invalidName
        /// The resolver cannot be made with these servers, this timeout or this number of tries.
        case invalidConfiguration
        /// `resolv.conf` cannot be read, or names no server.
        case noServers
        /// A server says that no such name exists (NXDOMAIN).
        case noSuchName
        /// The name exists, but has no record of the type asked for.
        case noData
        /// The deadline passed, or every try on every server went without an answer.
        case timeout
        /// No server could be reached: connections were refused or reset.
        case unreachable
        /// The servers refuse to answer (REFUSED).
        case refused
        /// The servers failed, or do not understand the question (SERVFAIL, NOTIMP, FORMERR).
        case serverFailure
        /// The answer cannot be read.
        case malformed
        /// Too many other questions are waiting for their turn.
        case overloaded
        /// The resolver has been shut down.
        case shutDown
        /// Out of memory, or another failure of this machine.
        case systemFailure
    }

    /// What kind of failure it is.
    public let code: Code
    /// What went wrong, as one line for an operator.
    public let message: String
    /// The file of the resolver that found the failure, as `Module/File.swift`.
    public let file: String
    /// The line in ``file``.
    public let line: UInt

    init(_ code: Code, _ message: String, file: String = #fileID, line: UInt = #line) {
        self.code = code
        self.message = message
        self.file = file
        self.line = line
    }
}

extension AresError: CustomStringConvertible {
    /// The code and the message, as one line.
    public var description: String {
        "\(code.rawValue): \(message)"
    }
}
