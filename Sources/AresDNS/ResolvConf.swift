internal import NIOCore

/// The text of a `resolv.conf` file (resolv.conf(5)).
enum ResolvConf {
    /// The addresses of its `nameserver` lines; unusable lines are skipped.
    ///
    /// An address stands alone, for port 53, or as `[address]:port`, which BSD systems and c-ares understand.
    static func servers(in text: [UInt8]) -> [SocketAddress] {
        text.split(separator: UInt8(ascii: "\n")).compactMap { line in
            let words = line.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") || $0 == UInt8(ascii: "\r") }
            guard words.count >= 2, words[0].elementsEqual("nameserver".utf8) else { return nil }
            return address(String(decoding: words[1], as: UTF8.self))
        }
    }

    private static func address(_ text: String) -> SocketAddress? {
        guard text.hasPrefix("[") else { return try? SocketAddress(ipAddress: text, port: 53) }
        let parts = text.dropFirst().split(separator: "]", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        if parts[1].isEmpty { return try? SocketAddress(ipAddress: String(parts[0]), port: 53) }
        guard parts[1].hasPrefix(":"), let port = UInt16(parts[1].dropFirst()), port > 0 else { return nil }
        return try? SocketAddress(ipAddress: String(parts[0]), port: Int(port))
    }
}
