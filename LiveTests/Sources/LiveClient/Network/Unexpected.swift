internal import NIOCore
internal import NIOHTTP1

/// The deployment did something else than what a test needs to go on.
///
/// Says all that somebody reads who was not there: where, what was expected, what came instead. Never what a client
/// said, since that holds its secret.
package struct Unexpected: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(at place: String, expected: String, got: String) {
        description = "\(place): expected \(expected), got \(got)"
    }

    /// Words the error of a connection that somebody who does not know NIO can read.
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
