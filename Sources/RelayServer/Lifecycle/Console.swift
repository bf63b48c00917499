internal import Glibc

/// The terminal at which somebody has started the relay, and reads what it writes.
package struct Console: Sendable {
    private let stream: TerminalStream

    /// Nil if neither standard output nor standard error is a terminal.
    package init?() {
        guard let terminal = [STDOUT_FILENO, STDERR_FILENO].first(where: { isatty($0) == 1 }) else { return nil }
        stream = TerminalStream(descriptor: terminal)
    }

    func show(_ text: some CustomStringConvertible) {
        var stream = stream
        stream.write(text.description)
    }
}
