/// The `ws` URL of the server under load.
///
/// It has no user, no fragment, and no TLS, whose cost would distort what is measured.
struct ServerURL: Hashable, Sendable, CustomStringConvertible {
    let description: String
    /// The value of the `Host` header: includes the port if the URL has one.
    let authority: String
    /// Without the brackets of an IPv6 address.
    let host: String
    let port: Int
    /// Path and query.
    let target: String

    /// The reason why a text is not a usable URL, written for the user.
    struct Unusable: Error, Hashable, CustomStringConvertible {
        let description: String

        init(_ description: String) {
            self.description = description
        }
    }

    static let standard = "ws://127.0.0.1:3000"

    init(_ text: String) throws(Unusable) {
        guard !text.hasPrefix("wss:") else {
            throw Unusable("wss is served through a proxy that ends TLS: give the ws URL of the proxy")
        }
        guard text.hasPrefix("ws://") else { throw Unusable("a URL such as \(ServerURL.standard) is expected") }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Unusable("a URL has no spaces and no characters beyond ASCII")
        }
        let rest = text.dropFirst("ws://".count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let target = rest.dropFirst(authority.count)
        guard !target.contains("#"), !authority.contains("@") else {
            throw Unusable("a user or a fragment means nothing here")
        }
        (host, port) = try ServerURL.split(authority)
        description = text
        self.authority = String(authority)
        self.target = target.hasPrefix("/") ? String(target) : "/" + target
    }

    private static func split(_ authority: Substring) throws(Unusable) -> (host: String, port: Int) {
        let host: Substring
        let rest: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw Unusable("the address has no end") }
            host = authority[authority.index(after: authority.startIndex)..<end]
            rest = authority[authority.index(after: end)...]
        } else {
            host = authority.prefix { $0 != ":" }
            rest = authority.dropFirst(host.count)
        }
        let isHost = host.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."): true
            case UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "%"): true
            default: false
            }
        }
        guard !host.isEmpty, isHost else { throw Unusable("the URL names no host") }
        guard !rest.isEmpty else { return (String(host), 80) }
        guard rest.hasPrefix(":"), let port = Int(rest.dropFirst()), (1...65_535).contains(port) else {
            throw Unusable("a port is a number from 1 to 65535")
        }
        return (String(host), port)
    }
}
