import Glibc
import NIOCore
import NIOPosix

@testable import AresDNS

/// The real dnsmasq, with records of a test's own, on a free port of loopback.
final class DnsmasqServer {
    static let path = "/usr/sbin/dnsmasq"

    let address: SocketAddress
    private let process: pid_t

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter records: options such as `--txt-record=…`.
    init(records: [String]) async throws {
        guard unsafe access(DnsmasqServer.path, X_OK) == 0 else {
            throw Missing(description: "\(DnsmasqServer.path) is missing: install the package dnsmasq-base")
        }
        // A port that was free a moment ago may be taken when dnsmasq comes: then it ends, and another is tried.
        for _ in 0..<20 {
            let free = try await DnsmasqServer.freeAddress()
            // A record of its own tells it from another test's that has taken the port.
            let mark = "ready-\(UInt64.random(in: 0...UInt64.max)).internal"
            let process = try DnsmasqServer.start(
                port: free.port ?? 0, records: records + ["--txt-record=\(mark),yes"])
            if await DnsmasqServer.answers(mark, free, process: process) {
                address = free
                self.process = process
                return
            }
            DnsmasqServer.stop(process)
        }
        throw Missing(description: "\(DnsmasqServer.path) does not start")
    }

    deinit {
        DnsmasqServer.stop(process)
    }

    private static func freeAddress() async throws -> SocketAddress {
        let channel = try await DatagramBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let address = channel.localAddress
        try await channel.close()
        guard let address else { throw ChannelError.unknownLocalAddress }
        return address
    }

    private static func start(port: Int, records: [String]) throws -> pid_t {
        let arguments =
            [
                path, "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts",
                "--listen-address=127.0.0.1",
                "--bind-interfaces", "--port=\(port)", "--local-ttl=1", "--pid-file=", "--user=", "--group=",
                "--log-facility=/dev/null", "--local=/internal/",
            ] + records
        var words = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        // Threads of Swift's pool block signals, and dnsmasq needs SIGCHLD to see its connections end.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var process: pid_t = 0
        let status = unsafe posix_spawn(&process, path, nil, &attributes, &words, environ)
        guard status == 0 else { throw Missing(description: "\(path) cannot be started: error \(status)") }
        return process
    }

    /// Asks until there is an answer: a foreign process does not say when it is ready.
    private static func answers(_ mark: String, _ address: SocketAddress, process: pid_t) async -> Bool {
        let deadline = NIODeadline.now() + .seconds(30)
        while NIODeadline.now() < deadline {
            var status: Int32 = 0
            if unsafe waitpid(process, &status, WNOHANG) != 0 { return false }
            let answer = try? await AresResolver.using(address, timeout: .milliseconds(500)) { try await $0.text(mark) }
            if answer == ["yes"] { return true }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    private static func stop(_ process: pid_t) {
        kill(process, SIGKILL)
        var status: Int32 = 0
        unsafe waitpid(process, &status, 0)
    }
}
