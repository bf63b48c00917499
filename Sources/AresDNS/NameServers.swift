internal import Glibc
internal import NIOCore

/// The servers to ask: those of the configuration, or those of the current `resolv.conf`.
///
/// c-ares 1.18 reads the file only once, so it is read here, at most once a second and only when a question is asked.
/// It is small and local, so reading does not block the event loop, and its content reveals every change; a time
/// stamp may not.
struct NameServers {
    /// The most bytes of the file that are read; the rest is ignored.
    static let maximumFileSize = 65_536

    private let path: String?
    private var lookedAt: NIODeadline?
    private(set) var addresses: [SocketAddress]

    init(configuration: AresResolver.Configuration) {
        addresses = configuration.servers ?? []
        path = configuration.servers == nil ? configuration.resolvConfPath : nil
    }

    /// Reads the servers again; true if they have changed.
    ///
    /// A file that is missing, unreadable or names no server changes nothing: it may be in the middle of being written.
    mutating func look(now: NIODeadline) -> Bool {
        guard let path else { return false }
        if let lookedAt, now - lookedAt < .seconds(1) { return false }
        lookedAt = now
        let servers = ResolvConf.servers(in: NameServers.contents(of: path))
        guard !servers.isEmpty, servers != addresses else { return false }
        addresses = servers
        return true
    }

    private static func contents(of path: String) -> [UInt8] {
        // Non-blocking, in case the path is a pipe without a writer.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return unsafe [UInt8](unsafeUninitializedCapacity: maximumFileSize) { buffer, count in
            count = unsafe max(read(descriptor, buffer.baseAddress, maximumFileSize), 0)
        }
    }
}
