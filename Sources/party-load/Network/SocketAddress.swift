internal import Glibc

/// A socket address in the kernel's layout.
struct SocketAddress: Sendable {
    let family: Int32
    /// A `sockaddr` of this family.
    private(set) var bytes: [UInt8]

    /// The reason why a name or an address could not be resolved.
    struct NotFound: Error, CustomStringConvertible {
        let description: String
    }

    /// Resolves a name to its first address, or parses a numeric address.
    ///
    /// Blocks for as long as the system's resolver takes.
    init(host: String, port: Int, isNumeric: Bool = false) throws(NotFound) {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_NUMERICSERV | (isNumeric ? AI_NUMERICHOST : 0)
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let result = unsafe getaddrinfo(host, String(port), &hints, &found)
        guard result == 0, let first = unsafe found else {
            throw NotFound(description: "\(host): \(unsafe String(cString: gai_strerror(result)))")
        }
        defer { unsafe freeaddrinfo(first) }
        family = unsafe first.pointee.ai_family
        bytes = unsafe Array(
            UnsafeRawBufferPointer(start: first.pointee.ai_addr, count: Int(first.pointee.ai_addrlen)))
    }

    /// True if a socket can have this address, which is so on the machine that it belongs to.
    var isOfThisMachine: Bool {
        let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var anyPort = self
        anyPort.bytes.replaceSubrange(2..<4, with: [0, 0])
        return unsafe anyPort.withSockaddr { unsafe bind(descriptor, $0, $1) } == 0
    }

    /// Passes the address to a system call.
    func withSockaddr(_ call: (UnsafePointer<sockaddr>?, socklen_t) -> Int32) -> Int32 {
        // The bytes were copied from a sockaddr, and the call only reads them.
        unsafe bytes.withUnsafeBytes { raw in
            unsafe call(raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
        }
    }
}
