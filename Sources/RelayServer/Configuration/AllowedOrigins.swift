/// The parser for the list of origins that may connect, as an operator writes it.
enum AllowedOrigins {
    /// Origins without a path and in lower case, as browsers send them; nil if the list has an entry that no browser
    /// sends.
    static func parse(_ list: String) -> Set<String>? {
        var origins: Set<String> = []
        for item in list.split(separator: ",") {
            let origin = item.trimmingSpaces().lowercased()
            guard isOrigin(origin) else { return nil }
            origins.insert(origin)
        }
        return origins.isEmpty ? nil : origins
    }

    /// True for a scheme, a host and an optional port (RFC 6454, section 6.1), or for `null`.
    private static func isOrigin(_ text: String) -> Bool {
        if text == "null" { return true }
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else { return false }
        let host = text[colon...].dropFirst(3)
        return colon > text.startIndex && !host.isEmpty && host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x2F }
    }
}

extension Substring {
    func trimmingSpaces() -> Substring {
        guard let last = lastIndex(where: { $0 != " " }) else { return "" }
        return self[...last].drop { $0 == " " }
    }
}
