internal import RelayCore
internal import RelayLimits

extension NameServer {
    private static let standardPort = 53

    /// Parses `1.2.3.4`, `1.2.3.4:53`, `fdaa::3`, or `[fdaa::3]:53`; nil for anything else.
    init?(_ text: some StringProtocol) {
        guard let (address, port) = NameServer.split(String(text)), ClientAddress(address) != nil else { return nil }
        guard let port else {
            self.init(address: address, port: NameServer.standardPort)
            return
        }
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(port),
            (1...65_535).contains(number)
        else { return nil }
        self.init(address: address, port: number)
    }

    private static func split(_ text: String) -> (address: String, port: String?)? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let address = String(text[text.index(after: text.startIndex)..<end])
            let rest = text[text.index(after: end)...]
            // Brackets are for IPv6 only.
            guard address.contains(":") else { return nil }
            if rest.isEmpty { return (address, nil) }
            return rest.hasPrefix(":") ? (address, String(rest.dropFirst())) : nil
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        // More than one colon without brackets: an IPv6 address, and no port.
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : (text, nil)
    }

    /// Parses a comma-separated list; nil if it is empty or has an invalid entry.
    static func list(_ text: String) -> [NameServer]? {
        var servers: [NameServer] = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let server = NameServer(item.trimmingSpaces()) else { return nil }
            servers.append(server)
        }
        return servers
    }
}

extension Substring {
    fileprivate func trimmingSpaces() -> Substring {
        guard let last = lastIndex(where: { $0 != " " }) else { return "" }
        return self[...last].drop { $0 == " " }
    }
}
