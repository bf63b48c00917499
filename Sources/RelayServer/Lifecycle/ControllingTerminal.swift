internal import Glibc

/// The terminal that the process was started on, if there was one.
///
/// When it goes, the kernel and the shell each send a SIGHUP: two signals, but one event.
package struct ControllingTerminal: Sendable {
    private let wasThere = isThere

    /// Looks for the terminal.
    package init() {}

    /// True if there was a terminal, and it has gone.
    var isGone: Bool { wasThere && !ControllingTerminal.isThere }

    private static var isThere: Bool {
        let descriptor = unsafe open("/dev/tty", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        close(descriptor)
        return true
    }
}
