/// An error that says why a question has no answer.
///
/// The ``code`` tells a program the kind of failure; the message is for an operator. Errors never contain data that a
/// server sent.
public struct AresError: Error, Hashable, Sendable {
    /// The kinds of failure. More may come, so a `switch` needs a `default`.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The name is no host name; nothing was sent.
        case invalidName
        /// The resolver cannot work with these servers, this timeout or this number of tries.
        case invalidConfiguration
        /// `resolv.conf` cannot be read, or names no server.
        case noServers
        /// The name does not exist (NXDOMAIN).
        case noSuchName
        /// The name exists, but has no record of the type asked for.
        case noData
        /// The deadline passed, or every try on every server went unanswered.
        case timeout
        /// No server could be reached: connections were refused or reset.
        case unreachable
        /// The servers refuse to answer (REFUSED).
        case refused
        /// The servers failed, or do not understand the question (SERVFAIL, NOTIMP, FORMERR).
        case serverFailure
        /// The answer cannot be read.
        case malformed
        /// Too many questions are waiting already.
        case overloaded
        /// The resolver has been shut down.
        case shutDown
        /// Out of memory, or another failure of this machine.
        case systemFailure
    }

    /// The kind of failure.
    public let code: Code
    /// A description of the failure for an operator, in one line.
    public let message: String
    /// The resolver's source file that reported the failure, as `Module/File.swift`.
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
