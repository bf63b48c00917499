internal import CLinux
internal import Glibc
internal import RelayLimits

/// A listening socket, shared by the loops.
///
/// One socket and not one per loop with `SO_REUSEPORT`: that would hide a port that is already in use.
package final class Listener: Sendable {
    let descriptor: Int32
    /// The bound port, also when 0 was asked for.
    package let port: Int

    /// - Parameters:
    ///   - host: an address or name, or nil for every address, IPv6 and IPv4.
    ///   - port: 0 for any free one.
    ///   - variable: the environment variable that sets the port.
    package init(host: String?, port: Int, variable: String = "PORT") throws(ListenError) {
        let place = Place(host: host, port: port, variable: variable)
        if let host {
            descriptor = try Listener.listen(onHost: host, at: place)
        } else {
            descriptor = try Listener.listenEverywhere(at: place)
        }
        self.port = Listener.localPort(of: descriptor) ?? port
    }

    deinit {
        close(descriptor)
    }

    /// The address to listen on, in the operator's words.
    private struct Place: CustomStringConvertible {
        let host: String?
        let port: Int
        let variable: String

        var description: String { (host.map { "HOST \($0), " } ?? "") + "\(variable) \(port)" }
    }

    /// Refuses new connections from here on, and those that have not been accepted yet.
    package func refuse() {
        shutdown(descriptor, Int32(SHUT_RD))
    }

    /// Has the kernel repeat what a client's network lost at least ten times in the time that silence may last, so that a
    /// ping is there soon after an outage. By itself it doubles the pause each time, to two minutes. Before Linux 6.15 it
    /// cannot be told, and nothing changes.
    ///
    /// - Parameter idleTimeout: seconds; 0 for silence without end.
    func boundRetransmission(idleTimeout: Int) {
        guard let most = Listener.longestRetransmission(idleTimeout: idleTimeout) else { return }
        // Accepted sockets inherit it.
        Listener.set(Int32(IPPROTO_TCP), CLINUX_TCP_RTO_MAX_MS, to: most, on: descriptor)
    }

    /// Milliseconds between two retransmissions; nil for the kernel's own. It gives up after 15 of them, which takes
    /// longer than the silence may last.
    static func longestRetransmission(idleTimeout: Int) -> Int32? {
        guard idleTimeout > 0 else { return nil }
        // The kernel takes 1 to 120 seconds.
        return Int32(max(min(idleTimeout, 1_200) * 100, 1_000))
    }

    enum AcceptOutcome {
        case accepted(descriptor: Int32, peer: ClientAddress)
        case nothing
        /// The next client was lost, or may not be taken: the one behind it may.
        case skipped
        /// Out of descriptors or memory: accepting must pause.
        case exhausted(SystemError)
        /// The call fails in a way that may last, such as a refusal by the system's policy: accepting must pause.
        case failed(SystemError)

        /// - Parameter error: of a call that accepted nobody.
        init(_ error: SystemError) {
            switch error.code {
            // A listener that refuses all says EINVAL.
            case EAGAIN, EINVAL: self = .nothing
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: self = .exhausted(error)
            // Besides a signal and an aborted connection, Linux passes on network errors of the new socket (accept(2)).
            case EINTR, ECONNABORTED, EPROTO, ENOPROTOOPT, EOPNOTSUPP, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH,
                ENONET, ETIMEDOUT, ECONNRESET:
                self = .skipped
            default: self = .failed(error)
            }
        }
    }

    func accept() -> AcceptOutcome {
        var address = sockaddr_storage()
        let accepted = unsafe clinux_accept(descriptor, &address)
        guard accepted >= 0 else { return AcceptOutcome(SystemError("accept4")) }
        return .accepted(descriptor: accepted, peer: ClientAddress(socketAddress: address))
    }

    private static func listenEverywhere(at place: Place) throws(ListenError) -> Int32 {
        var v6 = sockaddr_in6()
        v6.sin6_family = sa_family_t(AF_INET6)
        v6.sin6_port = in_port_t(UInt16(place.port).bigEndian)
        do throws(ListenError) {
            return try unsafe withUnsafeBytes(of: &v6) { (bytes) throws(ListenError) in
                try unsafe open(AF_INET6, bytes, at: place)
            }
        } catch {
            // A kernel without IPv6.
            guard error.code == EAFNOSUPPORT || error.code == EADDRNOTAVAIL else { throw error }
            return try listen(onHost: "0.0.0.0", at: place)
        }
    }

    private static func listen(onHost host: String, at place: Place) throws(ListenError) -> Int32 {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let result = unsafe getaddrinfo(host, String(place.port), &hints, &found)
        guard result == 0, let first = unsafe found else {
            throw ListenError(place: "HOST \(host)", reason: unsafe String(cString: gai_strerror(result)), code: 0)
        }
        defer { unsafe freeaddrinfo(first) }
        let address = unsafe UnsafeRawBufferPointer(start: first.pointee.ai_addr, count: Int(first.pointee.ai_addrlen))
        return try unsafe open(first.pointee.ai_family, address, at: place)
    }

    private static func open(
        _ family: Int32, _ address: UnsafeRawBufferPointer, at place: Place
    ) throws(ListenError) -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw ListenError(place: "\(place)", code: errno) }
        set(SOL_SOCKET, SO_REUSEADDR, to: 1, on: descriptor)
        // Accepted sockets inherit both, which saves calls for each of them.
        set(Int32(IPPROTO_TCP), TCP_NODELAY, to: 1, on: descriptor)
        set(Int32(IPPROTO_TCP), TCP_NOTSENT_LOWAT, to: TransportSettings.kernelQueueBytes, on: descriptor)
        if family == AF_INET6 { set(Int32(IPPROTO_IPV6), IPV6_V6ONLY, to: 0, on: descriptor) }
        guard let base = unsafe address.baseAddress?.assumingMemoryBound(to: sockaddr.self),
            unsafe bind(descriptor, base, socklen_t(address.count)) == 0, Glibc.listen(descriptor, 4_096) == 0
        else {
            let code = errno
            close(descriptor)
            throw ListenError(place: "\(place)", code: code)
        }
        return descriptor
    }

    private static func set(_ level: Int32, _ name: Int32, to value: Int32, on descriptor: Int32) {
        var value = value
        _ = unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func localPort(of descriptor: Int32) -> Int? {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = unsafe withUnsafeMutableBytes(of: &address) { bytes in
            unsafe getsockname(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, &length)
        }
        // The port has the same offset in the addresses of both families.
        return result == 0 ? Int(UInt16(bigEndian: address.sin6_port)) : nil
    }
}

/// The failure to listen on a port, as one line for the operator.
package struct ListenError: Error, CustomStringConvertible {
    package let place: String
    package let reason: String
    package let code: Int32

    init(place: String, code: Int32) {
        self.init(place: place, reason: unsafe String(cString: strerror(code)), code: code)
    }

    init(place: String, reason: String, code: Int32) {
        self.place = place
        self.reason = reason
        self.code = code
    }

    package var description: String { "cannot listen on \(place): \(reason)" }
}

extension ClientAddress {
    /// The address that `accept` has stored; an unknown family counts as local.
    init(socketAddress: sockaddr_storage) {
        let family = Int32(socketAddress.ss_family)
        var storage = socketAddress
        self = unsafe withUnsafeBytes(of: &storage) { bytes in
            switch family {
            case AF_INET6:
                // sin6_addr begins at byte 8 of sockaddr_in6.
                unsafe ClientAddress(
                    high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                    low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)))
            case AF_INET:
                // sin_addr begins at byte 4 of sockaddr_in.
                ClientAddress(ipv4: unsafe UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
            default:
                ClientAddress(ipv4: 0x7F00_0001)
            }
        }
    }
}
