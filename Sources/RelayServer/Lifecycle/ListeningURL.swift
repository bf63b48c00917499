internal import Glibc

/// The URL under which a browser on this machine reaches the relay.
struct ListeningURL: CustomStringConvertible {
    let description: String

    /// - Parameter host: the address to listen on; nil for all.
    init(host: String?, port: Int) {
        guard let host, !ListeningURL.isEveryAddress(host) else {
            description = "http://localhost:\(port)"
            return
        }
        // RFC 6874: the name of an interface follows a percent sign, which a URL writes so.
        let name = host.contains(":") ? "[\(host.split(separator: "%", maxSplits: 1).joined(separator: "%25"))]" : host
        description = "http://\(name):\(port)"
    }

    /// True for `0.0.0.0` and `::`, however they are written.
    private static func isEveryAddress(_ host: String) -> Bool {
        var four = in_addr()
        if unsafe inet_aton(host, &four) == 1 { return four.s_addr == 0 }
        var six = in6_addr()
        guard unsafe inet_pton(AF_INET6, host, &six) == 1 else { return false }
        return unsafe withUnsafeBytes(of: &six) { unsafe $0.allSatisfy { $0 == 0 } }
    }
}
