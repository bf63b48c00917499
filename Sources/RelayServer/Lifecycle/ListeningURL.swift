internal import Glibc

/// A URL under which the relay is reached: from this machine, unless told otherwise.
struct ListeningURL: CustomStringConvertible {
    let description: String

    /// - Parameters:
    ///   - host: the address to listen on; nil for all.
    ///   - everywhere: the name that stands for all addresses.
    init(scheme: String = "http", host: String?, port: Int, everywhere: String = "localhost", path: String = "") {
        let name = host.flatMap { ListeningURL.family(ofEvery: $0) == nil ? $0 : nil } ?? everywhere
        // RFC 6874: the name of an interface follows a percent sign, which a URL writes so.
        let zoned = name.split(separator: "%", maxSplits: 1).joined(separator: "%25")
        description = "\(scheme)://\(name.contains(":") ? "[\(zoned)]" : name):\(port)\(path)"
    }

    /// The family of `0.0.0.0` and `::`, however they are written; nil for any other host.
    static func family(ofEvery host: String) -> AddressFamily? {
        var four = in_addr()
        if unsafe inet_aton(host, &four) == 1 { return four.s_addr == 0 ? .ipv4 : nil }
        var six = in6_addr()
        guard unsafe inet_pton(AF_INET6, host, &six) == 1 else { return nil }
        return unsafe withUnsafeBytes(of: &six) { unsafe $0.allSatisfy { $0 == 0 } } ? .ipv6 : nil
    }
}

/// A version of the Internet Protocol.
enum AddressFamily {
    case ipv4, ipv6
}
