import Glibc

/// A failure on the test's side of a connection.
enum TestSocketError: Error, CustomStringConvertible {
    case cannotConnect(Int32)
    case timedOut(waitingFor: String)
    case reset

    var description: String {
        switch self {
        case .cannotConnect(let code): "cannot connect: \(unsafe String(cString: strerror(code)))"
        case .timedOut(let what): "timed out waiting for \(what)"
        case .reset: "the connection was reset"
        }
    }
}

/// A TCP connection to the relay with a deadline on every wait, and with the means to misbehave.
final class TestSocket {
    /// Milliseconds that one wait may take: far more than a slow machine under a sanitizer needs, where all of Swift's
    /// own threads may be busy with other tests for more than half a minute.
    static let patience: Int32 = 120_000

    private let descriptor: Int32
    private var isOpen = true
    /// The most bytes of one read.
    var chunk = [UInt8](repeating: 0, count: 64 << 10)

    /// - Parameters:
    ///   - address: a loopback address, as a number.
    ///   - receiveBuffer: bytes that the kernel keeps for a client that does not read; nil for the usual.
    init(address: UInt32 = 0x7F00_0001, port: Int, receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        set(SOL_SOCKET, SO_RCVBUF, to: receiveBuffer)
        set(Int32(IPPROTO_TCP), TCP_NODELAY, to: 1)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = in_port_t(UInt16(port).bigEndian)
        target.sin_addr.s_addr = address.bigEndian
        let result = unsafe withUnsafePointer(to: &target) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe connect(descriptor, generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw TestSocketError.cannotConnect(errno) }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit {
        close()
    }

    /// Writes all of the bytes, unless the relay has ended the connection: that shows when the test reads.
    func write(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno != EAGAIN || !wait(for: POLLOUT) {
                return
            }
        }
    }

    /// Writes the bytes that the kernel accepts at once, and returns their number.
    func writeSome(_ bytes: ArraySlice<UInt8>) -> Int {
        max(
            unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }, 0)
    }

    /// The next bytes; nil if the relay has closed its sending side.
    func read(_ purpose: @autoclosure () -> String) throws -> ArraySlice<UInt8>? {
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            if count > 0 { return chunk[..<count] }
            if count == 0 { return nil }
            guard errno == EAGAIN || errno == EINTR else { throw TestSocketError.reset }
            guard wait(for: POLLIN) else { throw TestSocketError.timedOut(waitingFor: purpose()) }
        }
    }

    /// True if bytes, or the end, arrive within this many milliseconds.
    func hasNews(within milliseconds: Int32) -> Bool {
        wait(for: POLLIN, milliseconds: milliseconds)
    }

    /// Closes the sending side; reading goes on.
    func finishWriting() {
        _ = shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Ends the connection without a close frame, like a phone that has lost its network.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close()
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        _ = Glibc.close(descriptor)
    }

    private func wait(for events: Int32, milliseconds: Int32 = TestSocket.patience) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let result = unsafe poll(&request, 1, milliseconds)
            if result >= 0 { return result > 0 }
            guard errno == EINTR else { return false }
        }
    }

    private func set(_ level: Int32, _ name: Int32, to value: Int32?) {
        guard var value else { return }
        _ = unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
