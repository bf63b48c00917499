internal import Configuration
internal import Glibc
internal import RelayWire

/// The health check of this machine's relay, for a container that has no shell and no HTTP client.
package enum HealthCheck {
    /// The time limit in seconds.
    private static let patience: UInt32 = 2

    /// Returns if `GET /health` is answered with 200. Blocks, and ends the process with status 1 when the time is up.
    ///
    /// - Throws: errors with a description of one line.
    package static func run() throws {
        endInTime()
        let address = try RelayAddress(EnvironmentVariables(ConfigReader(provider: EnvironmentVariablesProvider())))
        let place = "HOST \(address.host ?? "127.0.0.1"), PORT \(address.port)"
        // The free port that the relay has taken is unknown here.
        guard address.port > 0 else { throw HealthError("PORT 0 tells no port to ask at") }
        do throws(HealthError) {
            let descriptor = try connect(to: address.host ?? "127.0.0.1", port: address.port)
            defer { close(descriptor) }
            try ask(descriptor)
            let status = try status(from: descriptor)
            guard status == 200 else { throw HealthError("GET /health is answered with \(status)") }
        } catch {
            throw HealthError("not healthy at \(place): \(error.reason)")
        }
    }

    /// One alarm for everything, instead of a deadline per call: the lookup of a name has none.
    private static func endInTime() {
        signal(SIGALRM) { _ in
            // Nothing here may allocate or lock.
            let line: StaticString = "party-sockets: not healthy: GET /health is not answered within 2 s\n"
            _ = unsafe write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
            _exit(1)
        }
        // The parent process may have left the signal blocked.
        var alone = sigset_t()
        unsafe sigemptyset(&alone)
        unsafe sigaddset(&alone, SIGALRM)
        unsafe pthread_sigmask(SIG_UNBLOCK, &alone, nil)
        alarm(patience)
    }

    private static func connect(to host: String, port: Int) throws(HealthError) -> Int32 {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICSERV
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let result = unsafe getaddrinfo(host, String(port), &hints, &found)
        guard result == 0, let first = unsafe found else {
            throw HealthError(unsafe String(cString: gai_strerror(result)))
        }
        defer { unsafe freeaddrinfo(first) }
        let descriptor = socket(unsafe first.pointee.ai_family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw HealthError(errno: errno) }
        guard unsafe Glibc.connect(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
            let code = errno
            close(descriptor)
            throw HealthError(errno: code)
        }
        return descriptor
    }

    private static func ask(_ descriptor: Int32) throws(HealthError) {
        // Short enough for the buffer of a new socket, so that it is sent whole.
        let request = Array("GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        let sent = unsafe request.withUnsafeBytes {
            unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard sent == request.count else { throw HealthError(errno: errno) }
    }

    private static func status(from descriptor: Int32) throws(HealthError) -> Int {
        var parser = ResponseHeadParser()
        var received: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1_024)
        while true {
            let count = unsafe block.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count > 0 else {
                throw count == 0 ? HealthError("the connection ended without an answer") : HealthError(errno: errno)
            }
            received.append(contentsOf: block.prefix(count))
            do {
                if let head = try parser.parse(received.span) { return head.statusCode }
            } catch {
                throw HealthError("what answers there does not speak HTTP")
            }
        }
    }
}

/// The reason why this machine's relay is not known to be healthy, as one line for the operator.
package struct HealthError: Error, CustomStringConvertible {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }

    init(errno code: Int32) {
        self.init(unsafe String(cString: strerror(code)))
    }

    package var description: String { reason }
}
