/// The deployment did something else than what a test needs to go on.
///
/// Says all that somebody reads who was not there: where, what was expected, what came instead. Never what a client
/// said, since that holds its secret.
package struct Unexpected: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(at place: String, expected: String, got: String) {
        description = "\(place): expected \(expected), got \(got)"
    }
}
