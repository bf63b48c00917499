internal import RelayLimits

/// An origin as a client names it in its `Origin` header (RFC 6454, section 7), in a form in which two that mean the same
/// are equal.
///
/// Scheme and host are in lower case, and a port that the scheme implies is left out. Apps send schemes of their own
/// (`capacitor://localhost`, `app://.`), and pages of files an empty host (`file://`).
struct WebOrigin: Hashable, Sendable {
    enum Host: Hashable, Sendable {
        /// A name, or an IPv4 address, in lower case; empty only where the scheme is none of the web's.
        case name(String)
        /// An IPv6 address, whose number has many spellings.
        case address(ClientAddress)
    }

    let scheme: String
    let host: Host
    /// Nil for the one that the scheme implies.
    let port: Int?

    /// Reads `scheme://host` or `scheme://host:port`, in ASCII and without anything behind it.
    init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard let separator = bytes.firstRange(of: "://".utf8) else { return nil }
        guard let scheme = WebOrigin.scheme(bytes[..<separator.lowerBound]) else { return nil }
        let authority = bytes[separator.upperBound...]
        // The last colon, unless it is one of an address in brackets.
        let colon = authority.lastIndex(of: UInt8(ascii: ":")).flatMap { colon in
            authority[colon...].contains(UInt8(ascii: "]")) ? nil : colon
        }
        guard let host = WebOrigin.host(authority[..<(colon ?? authority.endIndex)], of: scheme) else { return nil }
        self.scheme = scheme
        self.host = host
        guard let colon else {
            port = nil
            return
        }
        guard host != .name(""), let port = WebOrigin.port(authority[(colon + 1)...]) else { return nil }
        self.port = port == WebOrigin.impliedPorts[scheme] ? nil : port
    }

    private static let impliedPorts = ["http": 80, "https": 443, "ws": 80, "wss": 443]

    /// A letter, and then letters, digits, `+`, `-` and `.` (RFC 3986, section 3.1), in lower case.
    private static func scheme(_ bytes: ArraySlice<UInt8>) -> String? {
        guard let first = bytes.first, ASCII.isAlphanumeric(first), !ASCII.isDigit(first) else { return nil }
        guard bytes.allSatisfy({ ASCII.isAlphanumeric($0) || "+-.".utf8.contains($0) }) else { return nil }
        return String(decoding: bytes, as: UTF8.self).lowercased()
    }

    /// An address in brackets, or a name.
    private static func host(_ bytes: ArraySlice<UInt8>, of scheme: String) -> Host? {
        if bytes.first == UInt8(ascii: "[") { return address(bytes) }
        // Only the web's schemes require a name, and letters or digits in it.
        let isOfWeb = impliedPorts[scheme] != nil
        guard !isOfWeb || bytes.contains(where: ASCII.isAlphanumeric) else { return nil }
        guard bytes.allSatisfy({ ASCII.isAlphanumeric($0) || "-._~!$&()+;=%".utf8.contains($0) }) else { return nil }
        return .name(String(decoding: bytes, as: UTF8.self).lowercased())
    }

    private static func address(_ bytes: ArraySlice<UInt8>) -> Host? {
        guard bytes.count > 2, bytes.last == UInt8(ascii: "]") else { return nil }
        let text = Array(bytes.dropFirst().dropLast())
        guard text.contains(UInt8(ascii: ":")) else { return nil }
        return ClientAddress(text.span).map { .address($0) }
    }

    private static func port(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard (1...5).contains(bytes.count), bytes.allSatisfy(ASCII.isDigit) else { return nil }
        let port = bytes.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return (1...65_535).contains(port) ? port : nil
    }
}
