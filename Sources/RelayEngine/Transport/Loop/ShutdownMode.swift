/// The pace at which the loops shut down.
package struct ShutdownMode: Hashable, Sendable {
    /// Nanoseconds over which the connections are closed, so that not all clients come back at once; 0 closes all at
    /// once.
    let span: UInt64
    /// Nanoseconds that the peers then have to close their side.
    let patience: UInt64

    package static let atOnce = ShutdownMode(span: 0, patience: 3 * MonotonicClock.nanosecondsPerSecond)
    /// For clients that come back in a moment: all is over within a second, whoever does not answer.
    package static let brief = ShutdownMode(span: 0, patience: 7 * MonotonicClock.nanosecondsPerSecond / 10)
    /// Enough time to send the close frames, and no more, for an operator who does not wait.
    package static let hasty = ShutdownMode(span: 0, patience: 3 * MonotonicClock.nanosecondsPerSecond / 10)

    package static func spread(seconds: Int) -> ShutdownMode {
        ShutdownMode(span: UInt64(seconds) * MonotonicClock.nanosecondsPerSecond, patience: atOnce.patience)
    }
}
