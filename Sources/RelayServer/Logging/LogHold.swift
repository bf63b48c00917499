internal import Logging
internal import NIOConcurrencyHelpers

/// Log lines that wait until the start is over, so that another line can be the first.
final class LogHold: Sendable {
    /// Nil once nothing waits any more.
    private let waiting = NIOLockedValueBox<[@Sendable () -> Void]?>([])

    /// Writes the lines that have waited; later ones do not wait.
    func release() {
        let held = waiting.withLockedValue { waiting in
            defer { waiting = nil }
            return waiting ?? []
        }
        for write in held { write() }
    }

    fileprivate func pass(_ write: @escaping @Sendable () -> Void) {
        let isHeld = waiting.withLockedValue { waiting in
            waiting?.append(write)
            return waiting != nil
        }
        if !isHeld { write() }
    }
}

/// A log handler whose lines wait for the end of a hold.
struct HeldLogHandler: LogHandler {
    private var handler: any LogHandler
    private let hold: LogHold

    init(_ handler: any LogHandler, until hold: LogHold) {
        self.handler = handler
        self.hold = hold
    }

    var logLevel: Logger.Level {
        get { handler.logLevel }
        set { handler.logLevel = newValue }
    }

    var metadata: Logger.Metadata {
        get { handler.metadata }
        set { handler.metadata = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { handler.metadataProvider }
        set { handler.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { handler[metadataKey: key] }
        set { handler[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        hold.pass { [handler] in handler.log(event: event) }
    }
}
