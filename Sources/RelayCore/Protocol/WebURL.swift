/// An absolute URL, validated like the WHATWG URL Standard's parser without a base, but not split or normalised.
///
/// It expects text without spaces and control characters, and accepts what browsers do, oddities included:
/// - `https:example.com`, `https:/example.com` and `https:\\example.com` all name a host. For the special schemes
///   (`https`, `http`, `wss`, `ws`, `ftp`, `file`) slashes may lean either way and be too many or too few.
/// - Names and passwords in front of an `@`, an empty port, any path, query and fragment.
/// - Any other scheme needs nothing behind its colon.
///
/// It does not apply the rules of IDNA: letters beyond ASCII are accepted in any combination and not mapped.
struct WebURL {
    /// The scheme in lower case, without the colon.
    let scheme: String
    /// True for a host that is this computer itself, in one of its three plain spellings.
    private(set) var isLocal = false

    init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), Self.isScheme(bytes[..<colon]) else { return nil }
        scheme = String(decoding: bytes[..<colon], as: UTF8.self).lowercased()
        let rest = bytes[(colon + 1)...]
        switch scheme {
        case "https", "http", "wss", "ws", "ftp":
            let authority = rest.drop { Self.isSlash($0) }.prefix {
                !Self.endsAuthority($0) && $0 != UInt8(ascii: "\\")
            }
            guard let host = Self.host(of: authority, isSpecial: true) else { return nil }
            isLocal = Self.isLocal(host)
        case "file":
            guard rest.count >= 2, rest.prefix(2).allSatisfy(Self.isSlash) else { return }
            let host = rest.dropFirst(2).prefix { !Self.endsAuthority($0) && $0 != UInt8(ascii: "\\") }
            guard host.isEmpty || Self.isDriveLetter(host) || URLHost.isDomainOrAddress(host) else { return nil }
        default:
            guard rest.starts(with: "//".utf8) else { return }
            let authority = rest.dropFirst(2).prefix { !Self.endsAuthority($0) }
            guard authority.isEmpty || Self.host(of: authority, isSpecial: false) != nil else { return nil }
        }
    }

    private static func isScheme(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard let first = bytes.first, isLetter(first) else { return false }
        return bytes.allSatisfy { byte in
            isLetter(byte) || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }

    private static func isSlash(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "\\")
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#")
    }

    /// `C:` or `C|` in the place of a `file` URL's host, where it belongs to the path.
    private static func isDriveLetter(_ host: ArraySlice<UInt8>) -> Bool {
        guard host.count == 2, let first = host.first, let last = host.last else { return false }
        return isLetter(first) && (last == UInt8(ascii: ":") || last == UInt8(ascii: "|"))
    }

    private static func isLocal(_ host: ArraySlice<UInt8>) -> Bool {
        ["localhost", "127.0.0.1", "[::1]"].contains(String(decoding: host, as: UTF8.self).lowercased())
    }

    /// The host of `user:password@host:port`, all but the host optional; nil if that is none.
    private static func host(of authority: ArraySlice<UInt8>, isSpecial: Bool) -> ArraySlice<UInt8>? {
        let afterCredentials = authority.lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? authority.startIndex
        let hostAndPort = authority[afterCredentials...]
        // A colon within brackets belongs to the address.
        let behindBrackets = hostAndPort.lastIndex(of: UInt8(ascii: "]")) ?? hostAndPort.startIndex
        let colon = hostAndPort[behindBrackets...].firstIndex(of: UInt8(ascii: ":"))
        let host = hostAndPort[..<(colon ?? hostAndPort.endIndex)]
        if let colon, !isPort(hostAndPort[(colon + 1)...]) { return nil }
        return (isSpecial ? URLHost.isDomainOrAddress(host) : URLHost.isOpaque(host)) ? host : nil
    }

    /// An empty port means the scheme's default.
    private static func isPort(_ digits: ArraySlice<UInt8>) -> Bool {
        var port = 0
        for digit in digits {
            guard case UInt8(ascii: "0")...UInt8(ascii: "9") = digit else { return false }
            port = port * 10 + Int(digit & 0x0F)
            guard port <= 65535 else { return false }
        }
        return true
    }
}
