internal import Glibc
internal import NIOCore

/// The servers to ask: those of the configuration, or those of `resolv.conf` as it is now.
///
/// c-ares 1.18 reads the file only once, so it is read here, at most once a second and only when a question is asked. It
/// is small and local, which does not hold up an event loop, and its content misses no change as a time stamp may.
struct NameServers {
    /// The longest file that is read; what comes after is ignored.
    static let maximumFileSize = 65_536

    private let path: String?
    private var lookedAt: NIODeadline?
    private(set) var addresses: [SocketAddress]

    init(configuration: AresResolver.Configuration) {
        addresses = configuration.servers ?? []
        path = configuration.servers == nil ? configuration.resolvConfPath : nil
    }

    /// Whether there are other servers than at the last look.
    ///
    /// A file that is gone, cannot be read or names no server changes nothing: it may be just being written.
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
        // Does not wait for somebody to write to a pipe of that name.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        return unsafe [UInt8](unsafeUninitializedCapacity: maximumFileSize) { buffer, count in
            count = unsafe max(read(descriptor, buffer.baseAddress, maximumFileSize), 0)
        }
    }
}
