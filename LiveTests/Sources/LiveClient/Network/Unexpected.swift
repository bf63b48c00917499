internal import NIOCore
internal import NIOHTTP1

/// The deployment did something other than a test needs to continue.
///
/// Its text is enough for somebody who reads only the log: where, what was expected, what came instead. It never holds
/// a client's message, since that may contain its secret.
package struct Unexpected: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(at place: String, expected: String, got: String) {
        description = "\(place): expected \(expected), got \(got)"
    }

    /// The error of a connection, in words that need no knowledge of NIO.
    init(at place: String, expected: String, error: any Error) {
        let got =
            switch error {
            case ChannelError.inappropriateOperationForState, ChannelError.alreadyClosed: "the end"
            case is HTTPParserError: "no HTTP (\(error))"
            default: "\(error)"
            }
        self.init(at: place, expected: expected, got: got)
    }
}
