internal import Glibc

/// The first line on standard output of a relay that was asked to take any free port: where it listens, as JSON, for the
/// program that has started it.
struct PortLine: CustomStringConvertible {
    let description: String

    /// - Parameter host: the address to listen on; nil for all.
    init(host: String?, port: Int) {
        // An address and not a name: it needs no lookup, whose first answer may be of a family that is not listened on.
        let url = ListeningURL(scheme: "ws", host: host, port: port, everywhere: "127.0.0.1")
        description = "{\"port\":\(port),\"url\":\"\(url)\"}\n"
    }

    /// Writes it at once.
    func write() {
        var rest = Array(description.utf8)[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            guard written >= 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(written, 0))
        }
    }
}
