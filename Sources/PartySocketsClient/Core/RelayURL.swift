#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Where a relay is: `wss://relay.example`, perhaps with a path before that of the room.
struct RelayURL: Hashable, Sendable {
    let isSecure: Bool
    let host: String
    let port: Int
    /// What precedes the code: empty, or `/relay`.
    let prefix: String

    /// - Throws: `PartyError` with `invalidURL`.
    init(_ text: String) throws(PartyError) {
        guard let url = URL(string: text), let scheme = url.scheme?.lowercased(),
            let isSecure = ["wss": true, "https": true, "ws": false, "http": false][scheme],
            let host = url.host(), !host.isEmpty, url.user() == nil
        else { throw PartyError(.invalidURL, "No URL of a relay, like wss://relay.example") }
        self.isSecure = isSecure
        self.host = host
        port = url.port ?? (isSecure ? 443 : 80)
        let path = url.path(percentEncoded: true)
        prefix = String(path.reversed().drop { $0 == "/" }.reversed())
    }

    /// Where a room is asked for by its code, or none is named to create one; pinned to a machine or not.
    func target(code: String?, instance: String?) -> Target {
        var path = "\(prefix)/\(code.map(Self.encoded) ?? "")"
        if let instance, !instance.isEmpty { path += "?instance=\(Self.encoded(instance))" }
        return Target(isSecure: isSecure, host: host, port: port, path: path)
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"):
                String(UnicodeScalar(byte))
            default:
                (byte < 16 ? "%0" : "%") + String(byte, radix: 16)
            }
        }.joined()
    }
}

/// What one upgrade asks for.
struct Target: Hashable, Sendable {
    let isSecure: Bool
    let host: String
    let port: Int
    /// With the query.
    let path: String

    /// The `Host` field: the port is named where it is not the scheme's own.
    var authority: String {
        let name = host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Where a redirect leads; nil if it leads nowhere, or out of an encrypted connection.
    func following(_ location: String) -> Target? {
        guard location.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        if location.hasPrefix("/"), !location.hasPrefix("//") {
            return Target(isSecure: isSecure, host: host, port: port, path: location)
        }
        guard let url = try? RelayURL(location), url.isSecure || !isSecure else { return nil }
        let query = location.firstIndex(of: "?").map { location[$0...].prefix { $0 != "#" } } ?? ""
        let path = url.prefix.isEmpty ? "/" : url.prefix
        return Target(isSecure: url.isSecure, host: url.host, port: url.port, path: path + query)
    }
}
