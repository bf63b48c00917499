internal import Glibc

/// An address to connect to or to send from, as the kernel reads it.
struct SocketAddress: Sendable {
    let family: Int32
    /// A `sockaddr` of the family.
    let bytes: [UInt8]

    /// Why a name or an address is of no use.
    struct NotFound: Error, CustomStringConvertible {
        let description: String
    }

    /// The first address of a name, or an address in text.
    ///
    /// Blocks while the name is looked up, as long as the system's resolver tries.
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

    /// Hands the address to a system call.
    func withSockaddr(_ call: (UnsafePointer<sockaddr>?, socklen_t) -> Int32) -> Int32 {
        // The bytes were a sockaddr when they were copied, and the call only reads them.
        unsafe bytes.withUnsafeBytes { raw in
            unsafe call(raw.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
        }
    }
}
