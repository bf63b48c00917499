internal import Glibc

/// The addresses of this machine's network interfaces.
enum LocalNetwork {
    /// The address by which other devices of the network reach a relay that listens on all of these families; nil if
    /// there is none.
    ///
    /// The system names its interfaces in their order, in which those of containers and tunnels come late.
    static func address(among all: [InterfaceAddress], families: [AddressFamily]) -> String? {
        let reachable = all.filter { $0.isUp && !$0.isLoopback && !$0.isLinkLocal && families.contains($0.family) }
        return (reachable.first { $0.family == .ipv4 } ?? reachable.first)?.text
    }

    /// The addresses of all interfaces, as the system has them now.
    static func addresses() -> [InterfaceAddress] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard unsafe getifaddrs(&first) == 0 else { return [] }
        defer { unsafe freeifaddrs(first) }
        var all: [InterfaceAddress] = []
        var next = unsafe first
        while let entry = unsafe next?.pointee {
            if let address = unsafe InterfaceAddress(entry) { all.append(address) }
            unsafe next = entry.ifa_next
        }
        return all
    }
}

/// An address of one network interface.
struct InterfaceAddress: Hashable {
    let family: AddressFamily
    /// In numbers, as a URL has it.
    let text: String
    /// True if the interface is in use, and connected to something.
    let isUp: Bool
    let isLoopback: Bool

    /// True for an address that means nothing beyond its link (RFC 3927; RFC 4291, section 2.5.6).
    var isLinkLocal: Bool {
        switch family {
        case .ipv4: text.hasPrefix("169.254.")
        case .ipv6: text.hasPrefix("fe") && text.dropFirst(2).first.map { "89ab".contains($0) } == true
        }
    }
}

extension InterfaceAddress {
    /// Nil for an address of another kind, such as that of the network card.
    fileprivate init?(_ entry: ifaddrs) {
        guard let address = unsafe entry.ifa_addr else { return nil }
        let length: Int
        switch Int32(unsafe address.pointee.sa_family) {
        case AF_INET: (family, length) = (.ipv4, MemoryLayout<sockaddr_in>.size)
        case AF_INET6: (family, length) = (.ipv6, MemoryLayout<sockaddr_in6>.size)
        default: return nil
        }
        var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = unsafe getnameinfo(
            address, socklen_t(length), &buffer, socklen_t(buffer.count), nil, 0, NI_NUMERICHOST)
        guard result == 0 else { return nil }
        text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
        let flags = unsafe entry.ifa_flags
        isUp = flags & UInt32(IFF_UP) != 0 && flags & UInt32(IFF_RUNNING) != 0
        isLoopback = flags & UInt32(IFF_LOOPBACK) != 0
    }
}
